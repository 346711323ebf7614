package dev.pgrehearse.restore;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class DumpReadingTest {
    private static final Path DUMPS = Path.of("src/test/resources/dev/pgrehearse/restore");

    private static DumpReading read(String sql) throws IOException {
        DumpReading reading = new DumpReading();
        SqlLines.read(new ByteArrayInputStream(sql.getBytes(StandardCharsets.UTF_8)), reading::read);
        return reading;
    }

    @Test
    void whatPgDumpWroteNeedsItsRolesAndExtensions() throws IOException {
        DumpReading reading = read(Files.readString(DUMPS.resolve("shop.plain.sql")));
        assertThat(reading.owners()).contains("shop_owner");
        // The rows hold "GRANT nothing TO nobody;".
        assertThat(reading.roles())
                .contains("shop_owner", "shop_reader", "shop_auditor")
                .doesNotContain("nobody");
        assertThat(reading.extensions()).containsExactly("pgcrypto");
        assertThat(reading.serverVersion()).startsWith("15.");
        assertThat(reading.restricted()).isTrue();
        assertThat(reading.truncated()).isFalse();
        assertThat(reading.connects()).isEmpty();
        assertThat(reading.locale()).isNull();
    }

    @Test
    void aDumpWithCreateTellsItsLocaleAndLeavesTheDatabase() throws IOException {
        DumpReading reading = read(Files.readString(DUMPS.resolve("created.plain.sql")));
        assertThat(reading.locale()).isEqualTo("libc C.UTF-8");
        assertThat(reading.connects()).containsExactly("\\connect shop");
    }

    @Test
    void namesAreReadAsTheyAreQuoted() throws IOException {
        DumpReading reading = read("""
                ALTER TABLE public.t OWNER TO "Odd ""One\"\"";
                GRANT SELECT,INSERT ON TABLE public.t TO "b c" WITH GRANT OPTION;
                GRANT ALL ON TABLE public.t TO PUBLIC;
                REVOKE ALL ON TABLE public.t FROM d;
                GRANT SELECT ON TABLE public.t TO pg_monitor;
                ALTER DEFAULT PRIVILEGES FOR ROLE e IN SCHEMA public GRANT SELECT ON TABLES TO f;
                CREATE POLICY p ON public.t FOR SELECT TO g, "H" USING ((note = ' TO x'::text));
                CREATE EXTENSION IF NOT EXISTS "uuid-ossp" WITH SCHEMA public;
                """);
        assertThat(reading.owners()).containsExactly("Odd \"One\"");
        assertThat(reading.roles()).containsExactlyInAnyOrder("Odd \"One\"", "b c", "d", "e", "f", "g", "H");
        assertThat(reading.extensions()).containsExactly("uuid-ossp");
    }

    @Test
    void aDumpThatSaysThatItBeginsMustSayThatItEnds() throws IOException {
        assertThat(read("-- PostgreSQL database dump\nSELECT 1;\n").truncated()).isTrue();
        assertThat(read("-- PostgreSQL database dump\n-- PostgreSQL database dump complete\n")
                        .truncated())
                .isFalse();
        assertThat(read("SELECT 1;\n").truncated()).as("not pg_dump's").isFalse();
    }

    @Test
    void rowsAreNoSql() throws IOException {
        List<String> lines = new ArrayList<>();
        String sql = "COPY t (a) FROM stdin;\nDROP TABLE t;\n\\N\n\\.\nSELECT 1;\n" + "x".repeat(10_000);
        long bytes = SqlLines.read(new ByteArrayInputStream(sql.getBytes(StandardCharsets.UTF_8)), lines::add);
        assertThat(lines).startsWith("COPY t (a) FROM stdin;", "SELECT 1;").hasSize(3);
        assertThat(lines.get(2)).hasSize(8_192);
        assertThat(bytes).isEqualTo(sql.length());
    }

    @Test
    void localesSortAlikeByCodePoints() {
        assertThat(Locales.sortAlike("libc C.UTF-8", "builtin C.UTF-8")).isTrue();
        assertThat(Locales.sortAlike("libc en_US.UTF-8", "libc en_US.utf-8")).isTrue();
        assertThat(Locales.sortAlike("libc en_US.UTF-8", "builtin C.UTF-8")).isFalse();
        assertThat(Locales.sortAlike("icu C", "builtin C.UTF-8")).isFalse();
    }

    @Test
    void commandsOfPsqlThatRunProgramsAreFound() throws IOException {
        assertThat(read("\\restrict abc\nSET x = 1;\n\\connect other\n\\unrestrict abc\n")
                        .commands())
                .isEmpty();
        assertThat(read("\\! touch /tmp/x\nselect 1; \\g |sh\n\\copy t from program 'x'\nSELECT 'a\\d+';\n")
                        .commands())
                .containsExactly("\\! touch /tmp/x", "select 1; \\g |sh", "\\copy t from program 'x'");
        // Rows of a COPY may begin with anything.
        assertThat(read("COPY public.t (a) FROM stdin;\n\\! no command\n\\.\nSELECT 1;\n")
                        .commands())
                .isEmpty();
    }
}
