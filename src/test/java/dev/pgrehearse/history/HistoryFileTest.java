package dev.pgrehearse.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import dev.pgrehearse.estimate.ErrorsSeen;
import dev.pgrehearse.estimate.Operation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HistoryFileTest {
    @TempDir
    Path folder;

    private Path file;

    @BeforeEach
    void name() {
        file = folder.resolve("reports/estimates.ndjson");
    }

    private static CheckedStatement build(int of, double central, double measured) {
        return Samples.checked(of, Operation.INDEX_BUILD, central, 1.2 * central, measured);
    }

    private static ErrorsSeen builds(History history) {
        return Objects.requireNonNull(history.errors().of(Operation.INDEX_BUILD));
    }

    @Test
    void whatIsNotThereIsEmptyAndReadingMakesNothing() throws Exception {
        assertThat(HistoryFile.read(file).checked()).isEmpty();
        assertThat(HistoryFile.read(file).errors().byOperation()).isEmpty();
        assertThat(file.getParent()).doesNotExist();
    }

    @Test
    void whatIsAddedIsReadAgainAndIsAsTheSchemaSays() throws Exception {
        List<CheckedStatement> two = List.of(build(1, 103, 100), Samples.checked(2, Operation.SCAN, 1, 2, 3));
        assertThat(HistoryFile.add(file, two).added()).isEqualTo(two);
        assertThat(HistoryFile.read(file).checked()).isEqualTo(two);
        JsonSchema schema = JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
                .getSchema(Files.readString(Path.of("docs/history.schema.json")));
        assertThat(Files.readAllLines(file))
                .hasSize(2)
                .allSatisfy(line -> assertThat(schema.validate(new ObjectMapper().readTree(line)))
                        .isEmpty());
    }

    @Test
    void theSameStatementOfARecordingIsCountedOnce() throws Exception {
        CheckedStatement first = build(1, 103, 100);
        HistoryFile.add(file, List.of(first));
        String before = Files.readString(file);
        // Another estimate, held against the same recording.
        HistoryFile.Added again = HistoryFile.add(file, List.of(build(1, 200, 100)));
        assertThat(again.added()).isEmpty();
        assertThat(again.history().checked()).containsExactly(first);
        assertThat(file).hasContent(before);
        CheckedStatement second = build(2, 89, 100);
        assertThat(HistoryFile.add(file, List.of(first, second)).added()).containsExactly(second);
        // Somebody put two files together.
        Files.writeString(file, Files.readString(file) + before);
        assertThat(HistoryFile.read(file).checked()).containsExactly(first, second);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"index\":1|\"index\":0|its index is no such figure",
                "\"index\":1|\"index\":1.5|Cannot coerce",
                "\"measuredSeconds\":100.0|\"measuredSeconds\":-1|its measuredSeconds is no such figure",
                "\"measuredSeconds\":100.0|\"measuredSeconds\":null|its measuredSeconds is no such figure",
                "\"measuredSeconds\":100.0,||its measuredSeconds is missing",
                "\"measuredRows\":1000000|\"measuredRows\":null|null",
                "\"scenario\":\"shop\"|\"scenario\":null|its scenario is missing",
                "INDEX_BUILD|INDEX_BUILT|INDEX_BUILT",
                "pgrehearse-history/1|pgrehearse-history/2|its format is pgrehearse-history/2",
                "\"variant\"|\"variety\"|its variant is missing",
                "\"index\":1|\"index\":1,\"more\":2|\"more\"",
                "{|[|"
            })
    void aLineThatCannotBeReadIsToldWithItsNumberAndTheRestIsCounted(
            String found, @Nullable String replacement, @Nullable String why) throws Exception {
        String good = History.line(build(1, 103, 100));
        assertThat(good).contains(found);
        String bad = good.replace(found, replacement == null ? "" : replacement);
        Files.createDirectories(file.getParent());
        Files.writeString(file, good + "\n\n" + bad + "\n" + History.line(build(2, 89, 100)) + "\n");
        History history = HistoryFile.read(file);
        assertThat(history.checked()).hasSize(2);
        assertThat(history.told())
                .singleElement()
                .asString()
                .startsWith("Line 3 of " + file + " cannot be read and is not counted: ")
                .contains(why == null ? "" : why)
                .doesNotContain("dev.pgrehearse.history", "\n");
        assertThat(history.errors().told()).isEqualTo(history.told());
    }

    @Test
    void aLineThatWasCutOffSwallowsNoOther() throws Exception {
        HistoryFile.add(file, List.of(build(1, 103, 100)));
        String whole = Files.readString(file);
        Files.writeString(file, whole + whole.substring(0, 40));
        HistoryFile.Added added = HistoryFile.add(file, List.of(build(2, 89, 100)));
        assertThat(added.history().told()).hasSize(1);
        History read = HistoryFile.read(file);
        assertThat(read.checked()).hasSize(2);
        assertThat(read.told()).singleElement().asString().startsWith("Line 2 of ");
        assertThat(Files.readString(file)).startsWith(whole);
    }

    @Test
    void bytesThatAreNoTextAreALineThatCannotBeRead() throws Exception {
        HistoryFile.add(file, List.of(build(1, 103, 100)));
        Files.write(file, new byte[] {(byte) 0xff, (byte) 0xfe, 0, '\n'}, StandardOpenOption.APPEND);
        assertThat(HistoryFile.read(file).told()).singleElement().asString().startsWith("Line 2 of ");
    }

    @Test
    void whatCannotBeWrittenOrReadIsSaid() throws Exception {
        Files.createDirectories(file);
        assertThatThrownBy(() -> HistoryFile.add(file, List.of(build(1, 103, 100))))
                .isInstanceOf(IOException.class)
                .hasMessage("Nothing could be added to the history of estimates in " + file + ".");
        assertThatThrownBy(() -> HistoryFile.read(file))
                .isInstanceOf(IOException.class)
                .hasMessage("The history of estimates in " + file + " cannot be read.");
    }

    @Test
    void errorsAreToldByOperationFromTheHighestToTheLowest() throws Exception {
        // Quiet 0 and +3 %, under load −11 % and −20 %; the last took longer than its upper value of 96 s.
        HistoryFile.Added added = HistoryFile.add(
                file,
                List.of(
                        build(1, 103, 100),
                        build(2, 89, 100),
                        build(3, 100, 100),
                        build(4, 80, 100),
                        Samples.checked(5, Operation.SCAN, 0.02, 0.03, 0.04)));
        ErrorsSeen builds = builds(added.history());
        ErrorsSeen.Group quiet = Objects.requireNonNull(builds.quiet());
        assertThat(quiet.checked()).isEqualTo(2);
        assertThat(quiet.negligible()).isZero();
        assertThat(quiet.highest()).isEqualTo(0.03, within(1e-12));
        assertThat(quiet.lowest()).isEqualTo(0, within(1e-12));
        assertThat(quiet.aboveUpper()).isZero();
        assertThat(quiet.largestRatio()).isEqualTo(3);
        ErrorsSeen.Group loaded = Objects.requireNonNull(builds.underLoad());
        assertThat(loaded.checked()).isEqualTo(2);
        assertThat(loaded.highest()).isEqualTo(-0.11, within(1e-12));
        assertThat(loaded.lowest()).isEqualTo(-0.2, within(1e-12));
        assertThat(loaded.aboveUpper()).isEqualTo(1);
        assertThat(loaded.largestRatio()).isEqualTo(4);
        assertThat(added.history().errors().of(Operation.SCAN))
                .isEqualTo(new ErrorsSeen(new ErrorsSeen.Group(1, 1, null, null, 0, 5), null));
        assertThat(added.history().errors().of(Operation.REWRITE)).isNull();
    }

    @Test
    void whenAllWereTooHighTheLowestErrorIsPositive() {
        ErrorsSeen.Group builds =
                Objects.requireNonNull(builds(new History(List.of(build(1, 110, 100), build(3, 130, 100)), List.of()))
                        .quiet());
        assertThat(builds.highest()).isEqualTo(0.3, within(1e-12));
        assertThat(builds.lowest()).isEqualTo(0.1, within(1e-12));
    }
}
