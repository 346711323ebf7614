package dev.pgrehearse.app;

import dev.pgrehearse.scenario.AppSpec.Check;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.CompletableFuture;
import javax.sql.DataSource;

/** One probe of an instance: answered by a worker, if one gets to it. */
final class Probing {
    private final Check check;
    private final CompletableFuture<String> answer = new CompletableFuture<>();

    Probing(Check check) {
        this.check = check;
    }

    /** Completes when a worker has answered: with an empty text for yes, else with what is wrong. */
    CompletableFuture<String> answer() {
        return answer;
    }

    /** Answers, on the worker's thread, which waits for a connection for as long as its pool lets it. */
    void answer(DataSource pool) {
        if (check == Check.WORKER) {
            answer.complete("");
            return;
        }
        try (Connection connection = pool.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("SELECT 1");
            answer.complete("");
        } catch (SQLException failure) {
            answer.complete(Failures.outcomeOf(failure) + " (" + failure.getMessage() + ")");
        }
    }
}
