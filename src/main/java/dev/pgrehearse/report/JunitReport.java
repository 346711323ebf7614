package dev.pgrehearse.report;

import dev.pgrehearse.recording.Recording.MigrationFacts;
import dev.pgrehearse.verdict.Finding;
import dev.pgrehearse.verdict.Ruling;
import dev.pgrehearse.verdict.Verdict;
import java.io.StringWriter;
import java.util.Locale;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/**
 * {@code junit.xml}: one test case a rehearsal. One that ended as expected passed; UNKNOWN against the expectation is an
 * error, anything else against it a failure. Stateless.
 */
final class JunitReport {
    private JunitReport() {}

    static String render(Run run) {
        StringWriter text = new StringWriter();
        try {
            XMLStreamWriter xml = XMLOutputFactory.newInstance().createXMLStreamWriter(text);
            xml.writeStartDocument("UTF-8", "1.0");
            xml.writeCharacters("\n");
            xml.writeStartElement("testsuites");
            xml.writeStartElement("testsuite");
            xml.writeAttribute("name", clean("pgrehearse " + run.scenario()));
            xml.writeAttribute("timestamp", clean(run.startedAt()));
            xml.writeAttribute("tests", Integer.toString(run.rehearsals().size()));
            xml.writeAttribute("failures", Long.toString(count(run, false)));
            xml.writeAttribute("errors", Long.toString(count(run, true)));
            for (Run.Rehearsed rehearsed : run.rehearsals()) {
                xml.writeCharacters("\n  ");
                testCase(xml, run, rehearsed);
            }
            xml.writeCharacters("\n");
            xml.writeEndElement();
            xml.writeEndElement();
            xml.writeEndDocument();
            xml.close();
        } catch (XMLStreamException e) {
            throw new IllegalStateException("junit.xml could not be made", e);
        }
        return text + "\n";
    }

    private static long count(Run run, boolean errors) {
        return run.rehearsals().stream()
                .map(Run.Rehearsed::verdict)
                .filter(verdict -> !verdict.asExpected() && errors == (verdict.verdict() == Ruling.UNKNOWN))
                .count();
    }

    private static void testCase(XMLStreamWriter xml, Run run, Run.Rehearsed rehearsed) throws XMLStreamException {
        Verdict verdict = rehearsed.verdict();
        MigrationFacts migration = rehearsed.recording().migration();
        xml.writeStartElement("testcase");
        xml.writeAttribute("classname", clean(run.scenario()));
        xml.writeAttribute("name", clean(rehearsed.id()));
        if (migration != null && Double.isFinite(migration.durationMs())) {
            xml.writeAttribute("time", String.format(Locale.ROOT, "%.3f", migration.durationMs() / 1000));
        }
        if (!verdict.asExpected()) {
            xml.writeStartElement(verdict.verdict() == Ruling.UNKNOWN ? "error" : "failure");
            xml.writeAttribute("type", verdict.verdict().toString());
            xml.writeAttribute(
                    "message",
                    clean(verdict.verdict() + ", expected " + verdict.expected() + ": "
                            + verdict.reasons().get(0)));
            xml.writeCharacters(clean(details(verdict)));
            xml.writeEndElement();
        }
        xml.writeStartElement("system-out");
        xml.writeCharacters(clean(verdict.verdict() + ", expected " + verdict.expected() + "\n" + details(verdict)));
        xml.writeEndElement();
        xml.writeEndElement();
    }

    private static String details(Verdict verdict) {
        StringBuilder text = new StringBuilder();
        verdict.reasons().forEach(reason -> text.append(reason).append('\n'));
        for (Finding finding : verdict.findings()) {
            text.append("\n[")
                    .append(finding.severity())
                    .append("] ")
                    .append(finding.rule())
                    .append(": ")
                    .append(finding.title())
                    .append('\n')
                    .append(finding.effect())
                    .append('\n')
                    .append(finding.safer())
                    .append('\n');
        }
        return text.toString();
    }

    /** Without what XML 1.0 cannot hold, not even escaped: U+FFFD stands in for it, so that it is seen. */
    static String clean(String text) {
        StringBuilder clean = new StringBuilder(text.length());
        text.codePoints().map(point -> allowed(point) ? point : 0xFFFD).forEach(clean::appendCodePoint);
        return clean.toString();
    }

    private static boolean allowed(int point) {
        return point == '\t'
                || point == '\n'
                || point == '\r'
                || (point >= 0x20 && point <= 0xD7FF)
                || (point >= 0xE000 && point <= 0xFFFD)
                || point >= 0x10000;
    }
}
