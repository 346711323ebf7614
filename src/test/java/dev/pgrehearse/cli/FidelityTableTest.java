package dev.pgrehearse.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgrehearse.recording.FidelityFacts;
import dev.pgrehearse.recording.FidelityFacts.Figure;
import java.util.List;
import org.junit.jupiter.api.Test;

class FidelityTableTest {
    @Test
    void bothSidesOfEachFigureAndAMarkWhereTheyAreTooFarApart() {
        FidelityFacts facts = FidelityFacts.of(List.of(new FidelityFacts.Table(
                "orders",
                List.of(
                        new Figure("rows", "rows", 1000, 1000, true),
                        new Figure("pages", "pages", 20, 30, false),
                        new Figure("mean fan-out of fk", "rows", 10, 11, true)),
                List.of(
                        new FidelityFacts.Column("id", List.of(new Figure("null share", "share", 0, 0, true))),
                        new FidelityFacts.Column(
                                "note",
                                List.of(
                                        new Figure("null share", "share", 0.25, 0.5, false),
                                        new Figure("correlation", "coefficient", 0.5, Double.NaN, false)))),
                0)));
        List<String> lines = FidelityTable.lines(facts).stream()
                .map(line -> line.replace('\u00a0', ' ').replaceAll(" {2,}", " | "))
                .toList();
        assertThat(lines)
                .contains(
                        "orders | 1 000 → 1 000 | 20 → 30 ! | – | – | –",
                        "orders | fk | mean 10 → 11",
                        "orders.id | 0 % → 0 % | – | – | – | –",
                        "orders.note | 25.0 % → 50.0 % ! | – | – | 0.50 → none ! | –",
                        "The data were generated from a profile: 50.0 % of 2 columns are within 10 % of production's"
                                + " statistics.");
    }
}
