package dev.pgrehearse.server;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ContainerServerHostTest {
    @Test
    void whatIsOlderThanCanBeMeasuredIsRefused() {
        assertThatCode(() -> ContainerServerHost.checkAge("postgres:13", 13)).doesNotThrowAnyException();
        assertThatThrownBy(() -> ContainerServerHost.checkAge("postgres:12", 12))
                .isInstanceOf(ServerProblem.class)
                .hasMessageContaining("The image postgres:12 holds PostgreSQL 12")
                .hasMessageContaining("PostgreSQL 13 or newer");
    }
}
