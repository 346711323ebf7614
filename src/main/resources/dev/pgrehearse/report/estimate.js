"use strict";
(function () {
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();
  const charts = [];
  const figure = (value) => value.toLocaleString("en", { maximumFractionDigits: 0 }).replace(/,/g, "\u00a0");
  const duration = (s) => (s >= 1 ? +s.toPrecision(3) + " s" : +(s * 1000).toPrecision(3) + " ms");
  const decade = (value) => Math.abs(Math.log10(value) - Math.round(Math.log10(value))) < 1e-9;

  // The target, the cliffs and the size at which the verdict turns as upright lines.
  const uprights = {
    id: "uprights",
    afterDatasetsDraw(chart, args, options) {
      const { ctx, chartArea: area, scales: { x } } = chart;
      const upright = (rows, hue, dash) => {
        const at = x.getPixelForValue(rows);
        if (at < area.left || at > area.right) return;
        ctx.strokeStyle = colour(hue);
        ctx.setLineDash(dash);
        ctx.beginPath();
        ctx.moveTo(at, area.top);
        ctx.lineTo(at, area.bottom);
        ctx.stroke();
      };
      ctx.save();
      upright(options.data.target, "soft", []);
      for (const cliff of options.data.cliffs) upright(cliff.rows, "bad", [4, 4]);
      if (options.data.breakEven !== undefined) {
        ctx.lineWidth = 2;
        upright(options.data.breakEven, "bad", []);
        ctx.fillStyle = colour("bad");
        const at = x.getPixelForValue(options.data.breakEven);
        const left = at - area.left < 110;
        ctx.textAlign = left ? "left" : "right";
        ctx.fillText("NO-GO from here", at + (left ? 4 : -4), area.top + 12);
      }
      ctx.restore();
    },
  };

  function draw(canvas, data) {
    const ink = colour("soft");
    const grid = colour("line");
    const datasets = [
      { label: "measured", data: data.points, showLine: false, pointRadius: 4, borderColor: colour("ok"), backgroundColor: colour("ok") },
      { label: "model", data: data.curve, pointRadius: 0, borderWidth: 1.6, borderColor: colour("p99") },
    ];
    if (data.shrunk.length) {
      datasets.push({
        label: "measured with shrunk settings", data: data.shrunk, showLine: false, pointRadius: 4, pointStyle: "triangle",
        borderColor: colour("pending"), backgroundColor: colour("pending"),
      });
    }
    if (data.upper !== undefined) {
      datasets.push({
        label: "at the target: central and upper", data: [{ x: data.target, y: data.central }, { x: data.target, y: data.upper }],
        pointRadius: 5, borderWidth: 3, borderColor: colour("pending"), backgroundColor: colour("pending"),
      });
    }
    return new Chart(canvas, {
      type: "line",
      data: { datasets },
      plugins: [uprights],
      options: {
        animation: false, parsing: false, responsive: true, maintainAspectRatio: false,
        scales: {
          x: {
            type: "logarithmic", max: Math.max(data.target, data.breakEven || 0) * 1.3, grid: { color: grid }, border: { color: grid },
            title: { display: true, text: "rows", color: ink },
            ticks: { color: ink, maxRotation: 0, callback: (value) => (decade(value) ? figure(value) : "") },
          },
          y: {
            type: "logarithmic", grid: { color: grid }, border: { color: grid },
            ticks: { color: ink, callback: (value) => (decade(value) ? duration(value) : "") },
          },
        },
        plugins: {
          legend: { display: true, labels: { color: ink } },
          uprights: { data },
          tooltip: {
            callbacks: {
              title: (items) => (items.length ? figure(items[0].parsed.x) + " rows" : ""),
              label: (item) => item.dataset.label + ": " + duration(item.parsed.y),
            },
          },
        },
      },
    });
  }

  function drawAll() {
    while (charts.length) charts.pop().destroy();
    document.querySelectorAll("[data-ladder]").forEach((canvas) => {
      charts.push(draw(canvas, JSON.parse(document.getElementById(canvas.dataset.ladder).textContent)));
    });
  }

  window.addEventListener("beforeprint", drawAll);
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
  drawAll();
})();
