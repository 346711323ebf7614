"use strict";
(function () {
  const narrow = () => window.innerWidth <= 640;
  const gutter = () => (narrow() ? 62 : 78);
  const right = () => (narrow() ? 6 : 12);
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();
  const charts = [];

  const duration = (ms) =>
    ms >= 1000 ? +(ms / 1000).toPrecision(3) + " s" : ms >= 1 ? +ms.toPrecision(3) + " ms" : +ms.toPrecision(2) + " ms";
  const bytes = (value) => {
    const units = ["bytes", "kB", "MB", "GB", "TB"];
    let unit = 0;
    while (Math.abs(value) >= 1023.5 && unit < units.length - 1) { value /= 1024; unit++; }
    return +value.toPrecision(3) + "\u00a0" + units[unit];
  };
  const figure = (value) => value.toLocaleString("en", { maximumFractionDigits: 1 }).replace(/,/g, "\u00a0");

  // Shades the migration's phase, draws its statements as bands and events as lines, behind every chart alike.
  const marks = {
    id: "marks",
    beforeDatasetsDraw(chart, args, options) {
      const { ctx, chartArea: area, scales: { x } } = chart;
      const span = (from, to, style) => {
        const a = Math.max(x.getPixelForValue(from / 1000), area.left);
        const b = Math.min(x.getPixelForValue(to / 1000), area.right);
        ctx.fillStyle = style;
        ctx.fillRect(a, area.top, Math.max(b - a, 1), area.height);
      };
      ctx.save();
      for (const phase of options.data.phases) {
        if (phase.name === "warmup") span(phase.startMs, phase.endMs, colour("phase-warmup"));
        if (phase.name === "migration") span(phase.startMs, phase.endMs, colour("phase-migration"));
      }
      for (const statement of options.data.statements) span(statement.startMs, statement.endMs, colour("band"));
      ctx.strokeStyle = colour("soft");
      ctx.setLineDash([2, 3]);
      for (const event of options.data.events) {
        const at = x.getPixelForValue(event.atMs / 1000);
        ctx.beginPath();
        ctx.moveTo(at, area.top);
        ctx.lineTo(at, area.bottom);
        ctx.stroke();
      }
      ctx.restore();
    },
  };

  function points(data, name) {
    const values = data.series[name] || [];
    return values.map((y, i) => ({ x: (data.startMs + i * data.stepMs) / 1000, y }));
  }

  function line(data, name, label, hue, more) {
    return Object.assign(
      { label, data: points(data, name), borderColor: colour(hue), backgroundColor: colour(hue) + "55",
        borderWidth: 1.6, pointRadius: 0, pointHitRadius: 6, stepped: "before", fill: false, spanGaps: false },
      more || {});
  }

  // One line with a gap between two phases: each begins at nothing.
  function progress(data) {
    const points = data.progress.flatMap((phase) => [
      ...phase.points.map(([ms, share]) => ({ x: ms / 1000, y: 100 * share, what: phase.what })),
      { x: phase.points[phase.points.length - 1][0] / 1000, y: null },
    ]);
    return { label: "done", data: points, borderColor: colour("p50"), borderWidth: 1.6, pointRadius: 0, pointHitRadius: 6,
      fill: false, spanGaps: false };
  }

  function datasets(kind, data) {
    switch (kind) {
      case "progress":
        return [progress(data)];
      case "requests":
        return [
          line(data, "ok", "ok", "ok", { fill: "origin", stack: "requests" }),
          line(data, "errors", "failed", "bad", { fill: "-1", stack: "requests" }),
          line(data, "offered", "offered", "soft", { borderDash: [4, 3], borderWidth: 1.2, stack: "offered" }),
          line(data, "tries", "tries", "pending", { borderWidth: 1.2, stack: "tries" }),
        ];
      case "response":
        return [line(data, "p99Ms", "p99", "p99"), line(data, "p50Ms", "p50", "p50")];
      case "pool":
        return [
          line(data, "poolActive", "in use", "active", { fill: "origin" }),
          line(data, "poolPending", "waiting for one", "pending"),
          line(data, "poolSize", "pool size", "soft", { borderDash: [6, 4], borderWidth: 1.2 }),
        ];
      case "workers":
        return [
          line(data, "workersBusy", "busy", "active", { fill: "origin" }),
          line(data, "workersForNobody", "of them for clients that have gone", "bad", { fill: "origin" }),
          line(data, "queued", "requests that wait for a worker", "pending"),
        ];
      case "instances":
        return [
          line(data, "instancesReady", "get traffic", "ok", { fill: "origin" }),
          line(data, "instances", "run", "soft", { borderDash: [6, 4], borderWidth: 1.2 }),
        ];
      case "standbyLag":
        return [Object.assign(line(data, "standbyLagMs", "seconds behind", "p99", { fill: "origin" }),
          { data: points(data, "standbyLagMs").map((point) => ({ x: point.x, y: point.y === null ? null : point.y / 1000 })) })];
      case "standbyBlocked":
        return [line(data, "standbyBlocked", "reads that wait", "blocked", { fill: "origin" })];
      case "disk":
        return [
          line(data, "diskRelations", "tables and indexes", "active", { fill: "origin", stack: "disk" }),
          line(data, "diskWal", "pg_wal", "p99", { fill: "-1", stack: "disk" }),
          line(data, "diskTemporary", "temporary files", "bad", { fill: "-1", stack: "disk" }),
        ];
      case "cpu":
        return [
          line(data, "cpuServer", "server", "active", { fill: "origin" }),
          line(data, "cpuMigration", "the migration's backend", "bad", { fill: "origin" }),
          line(data, "cpuTool", "tool", "soft", { borderDash: [6, 4], borderWidth: 1.2 }),
        ];
      default:
        return [line(data, "blockedSessions", "blocked sessions", "blocked", { fill: "origin" })];
    }
  }

  function draw(canvas, data, last) {
    const kind = canvas.dataset.kind;
    const log = kind === "response";
    const disk = kind === "disk";
    const share = kind === "progress";
    const ink = colour("soft");
    const grid = colour("line");
    const phases = data.phases;
    return new Chart(canvas, {
      type: "line",
      data: { datasets: datasets(kind, data) },
      plugins: [marks],
      options: {
        animation: false, parsing: false, normalized: true, responsive: true, maintainAspectRatio: false,
        layout: { autoPadding: false, padding: { right: right(), top: 8 } },
        interaction: { mode: "index", intersect: false, axis: "x" },
        scales: {
          x: {
            type: "linear", min: phases.length ? phases[0].startMs / 1000 : undefined,
            max: phases.length ? phases[phases.length - 1].endMs / 1000 : undefined,
            grid: { color: grid }, border: { color: grid },
            ticks: { color: ink, display: last, includeBounds: false, maxRotation: 0, autoSkipPadding: 24, callback: (value) => figure(value) + " s" },
          },
          y: {
            type: log ? "logarithmic" : "linear", beginAtZero: !log, grace: log || share ? 0 : "6%", stacked: kind === "requests" || disk,
            suggestedMin: log ? 1 : undefined, suggestedMax: share ? 100 : undefined, max: log ? 1.8 * Math.max(1, ...(data.series.p99Ms || [])) : undefined,
            grid: { color: grid }, border: { color: grid },
            afterFit: (axis) => { axis.width = gutter(); },
            ticks: {
              color: ink, maxTicksLimit: 5,
              callback: (value) => {
                if (disk) return bytes(value);
                if (share) return figure(value) + "\u00a0%";
                if (!log) return Number.isInteger(value) || value < 10 ? figure(value) : "";
                return Math.abs(Math.log10(value) - Math.round(Math.log10(value))) < 1e-9 ? duration(value) : "";
              },
            },
          },
        },
        plugins: {
          legend: { display: false },
          marks: { data },
          tooltip: {
            callbacks: {
              title: (items) => (items.length ? figure(items[0].parsed.x) + " s since the baseline began" : ""),
              label: (item) => (share ? item.raw.what : item.dataset.label) + ": "
                + (log ? duration(item.parsed.y) : disk ? bytes(item.parsed.y) : figure(item.parsed.y) + (share ? "\u00a0%" : kind === "requests" ? " /s" : "")),
            },
          },
        },
      },
    });
  }

  function drawAll() {
    while (charts.length) charts.pop().destroy();
    document.querySelectorAll("[data-timeline]").forEach((figureElement) => {
      const data = JSON.parse(document.getElementById(figureElement.dataset.timeline).textContent);
      if (!data.series) return;
      const canvases = figureElement.querySelectorAll("canvas");
      canvases.forEach((canvas, i) => charts.push(draw(canvas, data, i === canvases.length - 1)));
    });
  }

  // The queue as a film: a slider for moments and a button that moves it on.
  function film(card) {
    const data = JSON.parse(document.getElementById(card.dataset.film).textContent);
    const slider = card.querySelector("input");
    const button = card.querySelector(".play");
    const words = card.querySelector(".at");
    const tree = card.querySelector(".tree");
    let timer = null;

    function show() {
      const moment = data.moments[+slider.value];
      const told = moment.at + ": " + (moment.waiting ? figure(moment.waiting) + " waiting" : "nobody waits");
      words.textContent = told;
      slider.setAttribute("aria-valuetext", told);
      tree.replaceChildren(...moment.lines.map(([depth, it, label, sessions, waited]) => {
        const item = document.createElement("li");
        item.style.setProperty("--depth", depth);
        item.className = (depth ? "" : "root") + (it ? " it" : "");
        item.textContent = (sessions > 1 ? figure(sessions) + "\u00a0× " : "") + data.labels[label]
          + (waited ? ", waiting for " + (sessions > 1 ? "up to " : "") + waited : "");
        return item;
      }));
      if (moment.untold) {
        const more = document.createElement("li");
        more.className = "root";
        more.textContent = "and " + figure(moment.untold) + " more";
        tree.append(more);
      }
    }

    function stop() {
      clearInterval(timer);
      timer = null;
      button.textContent = "Play";
    }

    function play() {
      if (+slider.value >= +slider.max) slider.value = 0;
      button.textContent = "Pause";
      show();
      timer = setInterval(() => {
        slider.value = +slider.value + 1;
        show();
        if (+slider.value >= +slider.max) stop();
      }, 250);
    }

    slider.addEventListener("input", () => { stop(); show(); });
    button.addEventListener("click", () => (timer ? stop() : play()));
    card.classList.add("ready");
    show();
  }
  document.querySelectorAll("[data-film]").forEach(film);

  const opened = [];
  window.addEventListener("beforeprint", () => {
    document.querySelectorAll("details:not([open])").forEach((element) => { element.open = true; opened.push(element); });
    drawAll();
  });
  window.addEventListener("afterprint", () => {
    while (opened.length) opened.pop().open = false;
    drawAll();
  });
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
  window.matchMedia("(max-width: 640px)").addEventListener("change", drawAll);
  drawAll();
})();
