package dev.pgrehearse.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgrehearse.server.TestServer;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class QuotedIT {
    @RegisterExtension
    static final TestServer POSTGRES = TestServer.quick();

    @Test
    void whatIsReadableIsQuotedWhereverTheServerQuotes() throws Exception {
        List<String> quoted = Queries.rows(
                POSTGRES.superuser(), "SELECT word FROM pg_get_keywords() WHERE quote_ident(word) <> word");
        assertThat(quoted)
                .isNotEmpty()
                .allSatisfy(word -> assertThat(Quoted.readable(word)).isEqualTo('"' + word + '"'));
    }
}
