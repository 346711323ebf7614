package dev.pgrehearse.observe;

import dev.pgrehearse.clock.RehearsalClock;
import dev.pgrehearse.recording.FactSink;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;

/** What is watched of a standby, in a loop of its own: when replay holds up a question there, nobody else waits. */
final class StandbyWatch {
    private final StandbyWaitProbe waits;
    private final StandbyLagProbe lag;
    private final Silences silences;
    private final ProbeLoop loop;

    StandbyWatch(
            Connection primary,
            Connection standby,
            RehearsalClock clock,
            FactSink facts,
            Doubts doubts,
            Parties parties,
            ServerTime serverTime,
            Duration waitPeriod)
            throws SQLException {
        this.waits = new StandbyWaitProbe(standby, clock, facts, parties, serverTime, waitPeriod);
        this.lag = new StandbyLagProbe(primary, standby, clock, facts, doubts);
        this.silences = new Silences(doubts, "standby-silent", "standby");
        this.loop = new ProbeLoop("pgrehearse observer standby", clock, doubts, silences, List.of(waits, lag));
    }

    ProbeLoop loop() {
        return loop;
    }

    StandbyLagProbe lag() {
        return lag;
    }

    void prepare() throws SQLException {
        waits.prepare();
        lag.prepare();
    }

    void finish() throws SQLException {
        silences.report();
        waits.finish();
        lag.sample();
    }
}
