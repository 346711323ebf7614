package dev.pgrehearse.profile;

import dev.pgrehearse.profile.Profile.Age;
import dev.pgrehearse.profile.Profile.Ages;
import dev.pgrehearse.profile.Profile.Autovacuum;
import dev.pgrehearse.profile.Profile.Column;
import dev.pgrehearse.profile.Profile.Common;
import dev.pgrehearse.profile.Profile.Counts;
import dev.pgrehearse.profile.Profile.Elements;
import dev.pgrehearse.profile.Profile.ForeignKey;
import dev.pgrehearse.profile.Profile.Index;
import dev.pgrehearse.profile.Profile.Literal;
import dev.pgrehearse.profile.Profile.PreparedTransactions;
import dev.pgrehearse.profile.Profile.ReplicationSlot;
import dev.pgrehearse.profile.Profile.RoleSetting;
import dev.pgrehearse.profile.Profile.Schema;
import dev.pgrehearse.profile.Profile.Server;
import dev.pgrehearse.profile.Profile.Standby;
import dev.pgrehearse.profile.Profile.Surroundings;
import dev.pgrehearse.profile.Profile.Table;
import dev.pgrehearse.profile.Profile.Traffic;
import dev.pgrehearse.profile.Profile.TrafficStatement;
import java.util.List;
import java.util.Map;

/** Profiles in which every field says something. */
public final class SampleProfiles {
    private SampleProfiles() {}

    public static Profile whole() {
        return new Profile(
                Profile.FORMAT,
                "development",
                "2026-01-31T02:00:00Z",
                false,
                new Server(
                        "18.6",
                        180006,
                        "UTF8",
                        "C.UTF-8",
                        "C.UTF-8",
                        "builtin",
                        "C.UTF-8",
                        Map.of("work_mem", "4MB"),
                        7),
                new Schema("CREATE TABLE public.t (n integer);\n", null, List.of(new Literal("VIEW v", "SELECT 'x'"))),
                List.of(table()),
                List.of(new ForeignKey("t_fk", "t", List.of("n"), "t", List.of("n"), 0.5, 0.25, 4.0, null)),
                new Traffic(
                        "2026-01-01T00:00:00Z",
                        60,
                        List.of(new TrafficStatement("SELECT $1", 10, 0.5, 10, 20, 0.125)),
                        9,
                        new Counts(3, 30, 1.5),
                        new Counts(2, 4, 0.5),
                        new Counts(1, 2, 8)),
                new Ages(new Age(1.5, 1, 2, 3, 4), new Age(0, 0, 0, 0, 0), new Age(0.5, 1, 1, 1, 1), 60),
                new Surroundings(
                        new PreparedTransactions(1, 2.5),
                        List.of(new ReplicationSlot("logical", true, 16)),
                        List.of(new Standby("async", 8)),
                        List.of(new RoleSetting("role 1", true, "lock_timeout", "3s"))),
                List.of("A notice."));
    }

    private static Table table() {
        return new Table(
                "public",
                "t",
                "r",
                null,
                1000,
                5,
                0.75,
                30,
                90,
                2,
                true,
                new Autovacuum(true, "2026-01-30T00:00:00Z", null, 1, 0, 5),
                List.of(
                        new Column(
                                "n",
                                "int4range",
                                true,
                                true,
                                0.125,
                                -0.5,
                                4,
                                -0.25,
                                List.of(new Common(0.5, 0.25, 4, null)),
                                List.of("[0,10)", "[10,20)"),
                                List.of(5, 6),
                                2,
                                new Elements(List.of(new Common(0.25, null, null, "t")), List.of(1.0, 2.0), 1.5),
                                0.0625,
                                List.of(1.0, Double.POSITIVE_INFINITY)),
                        new Column(
                                "m", "text", false, false, 0, 0, 0, null, List.of(), List.of(), List.of(), 0, null, 0,
                                List.of())),
                List.of(new Index("t_n", "CREATE INDEX t_n ON public.t (n)", true, false, false, false, true, 3, 9)));
    }
}
