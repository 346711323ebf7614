package dev.pgrehearse.profiling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgrehearse.postgres.Password;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TargetTest {
    @Test
    void aPasswordInTheAddressIsTakenAndToldOf() {
        Target target =
                Target.parse("postgresql://me:p%40ss+word@db.example:5433/shop?sslmode=require", null, Map.of());
        assertThat(target.passwordInUrl()).isTrue();
        assertThat(revealed(target)).isEqualTo("p@ss+word");
        assertThat(target.libpqEnvironment()).containsEntry("PGSSLMODE", "require");
        assertThat(target.toString()).doesNotContain("p@ss").doesNotContain("example");

        Target other = Target.parse("jdbc:postgresql://db.example/shop?user=me&password=secret", null, Map.of());
        assertThat(other.passwordInUrl()).isTrue();
        assertThat(revealed(other)).isEqualTo("secret");
    }

    @Test
    void otherwiseItComesFromTheEnvironment() {
        Target target = Target.parse("jdbc:postgresql://db.example/shop", "me", Map.of("PGPASSWORD", "secret"));
        assertThat(target.passwordInUrl()).isFalse();
        assertThat(revealed(target)).isEqualTo("secret");
        assertThat(Target.parse("jdbc:postgresql://db.example/shop", "me", Map.of())
                        .password())
                .isNull();
    }

    @Test
    void whatIsNoAddressIsRefusedWithoutRepeatingIt() {
        for (String wrong :
                new String[] {"mysql://me:secret@db/shop", "secret", "postgresql://me:secret@db:port/shop"}) {
            assertThatThrownBy(() -> Target.parse(wrong, null, Map.of()))
                    .as(wrong)
                    .isInstanceOf(TargetMistake.class)
                    .hasMessageContaining("--url")
                    .hasMessageNotContaining("secret");
        }
    }

    private static String revealed(Target target) {
        Password password = target.password();
        return password == null ? "" : password.reveal();
    }
}
