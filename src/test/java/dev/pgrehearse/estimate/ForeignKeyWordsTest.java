package dev.pgrehearse.estimate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgrehearse.estimate.Runs.Did;
import dev.pgrehearse.recording.SizeFacts.Reference;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ForeignKeyWordsTest {
    private static final ForeignKeyWords PLAIN = new ForeignKeyWords("orders", "customer_id", "customers");

    private static Optional<ForeignKeyWords> of(String sql) {
        return ForeignKeyWords.of(Estimator.statements(Runs.recording(Did.of(sql, Map.of()), 1_000, 1))
                .get(0));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "alter table orders add foreign key (customer_id) references customers",
                "alter table orders add foreign key (customer_id) references customers;",
                "ALTER TABLE ONLY public.orders ADD CONSTRAINT fk FOREIGN KEY(customer_id) REFERENCES public.customers(id)",
                "alter table \"Orders\" -- as ever\n add foreign key ( customer_id ) references customers (id) on delete cascade"
                        + " deferrable initially deferred"
            })
    void oneForeignKeyIsToldWhateverItDoesLater(String sql) {
        assertThat(of(sql)).contains(PLAIN);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "alter table orders add foreign key (customer_id) references customers not valid",
                "alter table orders add foreign key (customer_id) references customers on delete cascade not valid",
                "alter table orders add foreign key (customer_id) references customers, add column n int",
                "alter table orders add column n int, add foreign key (customer_id) references customers",
                "alter table orders add column customer_id bigint references customers",
                "alter table orders validate constraint fk",
                "alter table lines add foreign key (order_id, day) references orders (id, day)",
                "alter table orders add foreign key (customer_id) references customers on delete set null (customer_id)"
            })
    void whatDoesMoreOrLessIsNone(String sql) {
        assertThat(of(sql)).isEmpty();
    }

    @Test
    void theOneThatIsMeantIsFoundAndNoneOfTwo() {
        Reference meant = reference("sales.Orders", "customers", "customer_id");
        Reference other = reference("sales.Orders", "customers", "invoiced_id");
        Reference elsewhere = reference("orders", "customers", "customer_id");
        assertThat(PLAIN.among(List.of(other, meant))).contains(meant);
        assertThat(PLAIN.among(List.of(other))).isEmpty();
        assertThat(PLAIN.among(List.of(meant, elsewhere))).isEmpty();
    }

    private static Reference reference(String table, String parent, String column) {
        return new Reference(table, parent, 8, Set.of(column), Set.of("id"));
    }
}
