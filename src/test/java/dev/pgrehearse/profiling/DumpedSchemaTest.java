package dev.pgrehearse.profiling;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgrehearse.profile.Profile.Literal;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DumpedSchemaTest {
    private static final String DUMP = """
            --
            -- PostgreSQL database dump
            --
            \\restrict canarykey
            SET transaction_timeout = 0;
            SELECT pg_catalog.set_config('search_path', '', false);
            CREATE TABLE public.t (
                id bigint NOT NULL,
                name character varying(40) DEFAULT 'new; -- x'::character varying,
                price numeric(10,2),
                CONSTRAINT positive CHECK ((price > 0.5))
            );
            COMMENT ON TABLE public.t IS 'canary';
            CREATE FUNCTION public.f() RETURNS integer
                LANGUAGE sql
                BEGIN ATOMIC
             SELECT CASE WHEN true THEN 1 ELSE 2 END;
             SELECT 3;
            END;
            CREATE FUNCTION public.g() RETURNS void LANGUAGE plpgsql AS $$ BEGIN PERFORM ';'; END $$;
            ALTER TABLE public.t ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
                START WITH 1
            );
            ALTER TABLE ONLY public.s ALTER COLUMN id SET DEFAULT nextval('public.s_id_seq'::regclass);
            ALTER TABLE ONLY public.p ATTACH PARTITION public.p1 FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
            CREATE SERVER s FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host 'canary');
            CREATE USER MAPPING FOR u SERVER s OPTIONS (password 'canary');
            CREATE SUBSCRIPTION s CONNECTION 'host=canary password=canary' PUBLICATION p;
            CREATE PUBLICATION canary FOR TABLE public.t;
            CREATE ROLE r PASSWORD 'canary';
            CREATE POLICY one ON public.t TO canary USING (true);
            CREATE POLICY two ON public.t USING ((id = 7));
            GRANT SELECT ON public.t TO canary;
            \\unrestrict canarykey
            """;

    private final DumpedSchema schema = DumpedSchema.of(DUMP);

    @Test
    void nothingOfSecretsRolesCommentsAndSessionsStays() {
        assertThat(schema.sql())
                .doesNotContain("canary")
                .doesNotContain("transaction_timeout")
                .doesNotContain("restrict")
                .doesNotContain("--\n")
                .contains("SET search_path = '';", "RESET search_path;");
        assertThat(schema.leftOut())
                .isEqualTo(Map.of(
                        "SERVER",
                        1,
                        "USER MAPPING",
                        1,
                        "SUBSCRIPTION",
                        1,
                        "PUBLICATION",
                        1,
                        "ROLE",
                        1,
                        "POLICY for roles",
                        1,
                        "GRANT",
                        1));
    }

    @Test
    void whatStaysIsWhole() {
        assertThat(schema.sql())
                .contains("name character varying(40) DEFAULT 'new; -- x'::character varying,")
                .contains(" SELECT CASE WHEN true THEN 1 ELSE 2 END;\n SELECT 3;\nEND;")
                .contains("AS $$ BEGIN PERFORM ';'; END $$;")
                .contains("CREATE POLICY two ON public.t USING ((id = 7));");
    }

    @Test
    void partsWithValuesAreListedByName() {
        assertThat(schema.literals())
                .extracting(Literal::what)
                .containsExactly(
                        "column public.t.name",
                        "CHECK positive of public.t",
                        "FUNCTION public.f",
                        "FUNCTION public.g",
                        "bounds of partition public.p1 of public.p",
                        "POLICY two");
        assertThat(schema.literals().get(1).sql()).isEqualTo("CONSTRAINT positive CHECK ((price > 0.5))");
    }
}
