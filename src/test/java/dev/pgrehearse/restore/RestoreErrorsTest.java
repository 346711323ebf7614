package dev.pgrehearse.restore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgrehearse.recording.Recording.RestoreError;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RestoreErrorsTest {
    /** As pg_restore 15.18 wrote it. */
    @Test
    void ofPgRestore() {
        assertThat(RestoreErrors.in("""
                        pg_restore: while PROCESSING TOC:
                        pg_restore: from TOC entry 3441; 0 0 ACL TABLE users shop_owner
                        pg_restore: error: could not execute query: ERROR:  role "shop_reader" does not exist
                        Command was: GRANT SELECT ON TABLE public.users TO shop_reader;


                        pg_restore: from TOC entry 3425; 0 16442 TABLE DATA orders shop_owner
                        pg_restore: error: COPY failed for table "orders": ERROR:  invalid input syntax for type bigint: "x"
                        CONTEXT:  COPY orders, line 1, column id: "a secret row"
                        pg_restore: warning: errors ignored on restore: 2
                        """))
                .containsExactly(
                        new RestoreError(
                                "role \"shop_reader\" does not exist",
                                "GRANT SELECT ON TABLE public.users TO shop_reader;"),
                        new RestoreError("invalid input syntax for type bigint: \"x\"", ""));
        assertThat(RestoreErrors.in("pg_restore: error: could not read from input file: end of file\n"))
                .containsExactly(new RestoreError("could not read from input file: end of file", ""));
        assertThat(RestoreErrors.in("pg_restore: error: unsupported version (1.99) in file header\n"))
                .hasSize(1);
        assertThat(RestoreErrors.in("")).isEmpty();
    }

    /** As psql 15.18 wrote it with --echo-errors. */
    @Test
    void ofPsql() {
        assertThat(RestoreErrors.in("""
                        psql:/run/x.pipe:12: ERROR:  relation "nowhere" does not exist
                        psql:/run/x.pipe:12: STATEMENT:  ALTER TABLE nowhere ADD COLUMN x int;
                        psql:/run/x.pipe:14: error: invalid command \\restrict
                        psql:/run/x.pipe:15: FATAL:  terminating connection due to administrator command
                        """))
                .containsExactly(
                        new RestoreError(
                                "relation \"nowhere\" does not exist", "ALTER TABLE nowhere ADD COLUMN x int;"),
                        new RestoreError("invalid command \\restrict", ""),
                        new RestoreError("terminating connection due to administrator command", ""));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    true  | role "x" does not exist                                   | GRANT SELECT ON TABLE t TO x;
                    true  | role "x" does not exist                                   | ALTER TABLE public.t OWNER TO x;
                    false | role "x" does not exist                                   | CREATE POLICY p ON t TO x USING (true);
                    true  | schema "public" already exists                            | CREATE SCHEMA public;
                    false | schema "sales" already exists                             | CREATE SCHEMA sales;
                    true  | unrecognized configuration parameter "transaction_timeout" | SET transaction_timeout = 0;
                    false | unrecognized configuration parameter "my.setting"         | SET my.setting = 0;
                    true  | must be owner of extension plpgsql                        | COMMENT ON EXTENSION plpgsql IS 'x';
                    false | relation "t" does not exist                               | GRANT SELECT ON TABLE t TO x;
                    """)
    void whatIsHarmlessIsKnown(boolean harmless, String error, String statement) {
        assertThat(HarmlessErrors.contain(new RestoreError(error, statement))).isEqualTo(harmless);
    }
}
