package dev.pgrehearse.estimate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.pgrehearse.estimate.Estimate.Answer;
import dev.pgrehearse.estimate.Runs.Did;
import dev.pgrehearse.profile.Calibration;
import dev.pgrehearse.profile.Calibration.Kind;
import dev.pgrehearse.profile.Calibration.Probe;
import dev.pgrehearse.profile.SampleCalibrations;
import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.recording.RecordingJson;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * One microsecond a row here, and rungs to 1 024 000 rows for a target of ten times as many: 10.24 s. The table has 100 bytes
 * a row, so 12 500 blocks at the top rung.
 */
class MachineScaleTest {
    private static final ObjectMapper JSON = RecordingJson.mapper();
    private static final double HERE = 10.24;
    private static final long TOP = 1_024_000;

    private static final Did VALIDATE = Did.of(
                    "alter table orders validate constraint c", Map.of("orders", "SHARE UPDATE EXCLUSIVE"))
            .scanning("orders");
    private static final Did INDEX = Did.of("create index i on orders (customer_id)", Map.of("orders", "SHARE"))
            .scanning("orders")
            .making("i");

    /** With so much of its time on a processor, and so many blocks of temporary files. */
    private static Rung rung(Did did, long rows, @Nullable Double cpuShare, long temporaryBlocks) {
        ObjectNode tree = JSON.valueToTree(Runs.recording(did, rows, rows * 1e-6));
        ObjectNode statement = (ObjectNode) tree.at("/migration/statements/0");
        statement.put("cpuMs", cpuShare == null ? null : Double.valueOf(rows * 1e-3 * cpuShare));
        ObjectNode counters = (ObjectNode) statement.at("/cost/counters");
        counters.put("blocksRead", 0).put("temporaryBlocksWritten", temporaryBlocks);
        try {
            Recording recording = RecordingJson.read(JSON.writeValueAsString(tree));
            return new Rung(
                    Map.of("orders", rows, "customers", rows / 10),
                    List.of(new Rung.Run(recording, Runs.facts(Runs.roomy(), did, rows))));
        } catch (Exception impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static Estimate estimate(
            Did did, @Nullable Double cpuShare, long temporaryBlocks, Machines machines, @Nullable Duration window) {
        List<Rung> rungs = new ArrayList<>();
        for (long rows = TOP / 32; rows <= TOP; rows *= 2) {
            rungs.add(rung(did, rows, cpuShare, temporaryBlocks));
        }
        return Estimator.estimate(
                new Estimator.Question(
                        "shop", "as-written", Map.of("orders", TOP * 10, "customers", TOP), Set.of("orders"), window),
                rungs,
                null,
                null,
                machines);
    }

    private static Machines beside(Calibration there) {
        return Machines.of(there, SampleCalibrations.here());
    }

    private static ScaledStatement only(Estimate estimate) {
        assertThat(estimate.otherMachine()).isNotNull();
        return estimate.otherMachine().statement(1).orElseThrow();
    }

    @Test
    void whatAProcessorDidIsScaledAndWhatNoProbeMeasuresIsNot() {
        Estimate estimate = estimate(VALIDATE, 0.8, 0, beside(SampleCalibrations.times(2, 2, 2)), null);
        ScaledStatement scaled = only(estimate);
        // 0.8 × 2 + 0.2
        assertThat(scaled.factor()).isCloseTo(1.8, within(1e-3));
        assertThat(estimate.centralSeconds()).isCloseTo(1.8 * HERE, within(0.02));
        assertThat(estimate.otherMachine().hereCentralSeconds()).isCloseTo(HERE, within(0.01));
        assertThat(estimate.statements().get(0).duration().central()).isCloseTo(HERE, within(0.01));
        assertThat(scaled.otherShare()).isCloseTo(0.2, within(1e-3));
        assertThat(scaled.notes()).anyMatch(note -> note.contains("20") && note.contains("do not measure"));
        // Equal repeats: 3 % of error for what repeats cannot show, of which 1.28 are added; what was not scaled may be
        // as slow.
        double upper = 2 * (1 + 1.28 * 0.03);
        assertThat(scaled.upperSeconds() / estimate.otherMachine().hereUpperSeconds())
                .isCloseTo(upper, within(1e-3));
    }

    @Test
    void blocksThatComeFromTheDiskThereAreAdded() {
        Calibration there = SampleCalibrations.with(
                SampleCalibrations.times(1, 1, 1), SampleCalibrations.reading(Kind.SEQUENTIAL_READ, 90, 10));
        // 12 500 blocks at 80 µs are 1 s, as long as the top rung took.
        ScaledStatement scaled = only(estimate(VALIDATE, 1.0, 0, beside(there), null));
        assertThat(scaled.fetchShareThere()).isCloseTo(1.0 / 1.024, within(1e-3));
        assertThat(scaled.factor()).isCloseTo(1 + 1.0 / 1.024, within(1e-3));
    }

    @Test
    void blocksThatMayHaveComeFromTheDiskAreInTheUpperValueAlone() {
        Calibration there = SampleCalibrations.with(
                SampleCalibrations.times(1, 1, 1), SampleCalibrations.reading(Kind.SEQUENTIAL_READ, 150, 100));
        ScaledStatement memory = only(estimate(VALIDATE, 1.0, 0, beside(SampleCalibrations.times(1, 1, 1)), null));
        ScaledStatement perhaps = only(estimate(VALIDATE, 1.0, 0, beside(there), null));
        assertThat(perhaps.centralSeconds()).isCloseTo(memory.centralSeconds(), within(1e-9));
        // 12 500 blocks at 50 µs are 0.625 s of 1.024, beside 1 + 1.28 × 3 %.
        assertThat(perhaps.upperSeconds() / memory.upperSeconds()).isCloseTo(1 + 0.625 / 1.024 / 1.0384, within(1e-3));
        assertThat(perhaps.notes()).anyMatch(note -> note.contains("nobody can tell"));
    }

    @Test
    void aDiskHereIsTakenOutOfWhatItWaitedForAndNeverOutOfMore() {
        Calibration here = SampleCalibrations.with(
                SampleCalibrations.here(), SampleCalibrations.reading(Kind.SEQUENTIAL_READ, 26.384, 10));
        // 12 500 blocks at 16.384 µs are 0.2 s of 1.024: what it waited but for some milliseconds.
        ScaledStatement scaled =
                only(estimate(VALIDATE, 0.8, 0, Machines.of(SampleCalibrations.times(1, 1, 1), here), null));
        assertThat(scaled.fetchShareHere()).isCloseTo(0.2, within(1e-3));
        assertThat(scaled.otherShare()).isCloseTo(0, within(1e-3));
        assertThat(scaled.factor()).isCloseTo(0.8, within(1e-3));
    }

    @Test
    void eachOperationIsScaledByTheProbeThatIsMostLikeIt() {
        Machines machines = beside(SampleCalibrations.times(2, 3, 4));
        assertThat(only(estimate(VALIDATE, 1.0, 0, machines, null)).factor()).isCloseTo(2, within(1e-3));
        assertThat(only(estimate(INDEX, 1.0, 0, machines, null)).factor()).isCloseTo(3, within(1e-3));
        ScaledStatement files = only(estimate(INDEX, 1.0, 5000, machines, null));
        assertThat(files.factor()).isCloseTo(4, within(1e-3));
        assertThat(files.cpuProbe()).isEqualTo(Kind.SORT_IN_FILES);
    }

    @Test
    void theDifferenceOfTheFactorsWidensTheUpperValue() {
        ScaledStatement alike = only(estimate(VALIDATE, 1.0, 0, beside(SampleCalibrations.times(2, 2, 2)), null));
        ScaledStatement apart = only(estimate(VALIDATE, 1.0, 0, beside(SampleCalibrations.times(2, 3, 2)), null));
        assertThat(apart.centralSeconds()).isCloseTo(alike.centralSeconds(), within(1e-9));
        assertThat(apart.upperSeconds()).isCloseTo(1.5 * alike.upperSeconds(), within(1e-6));
    }

    @Test
    void severalProcessorsAtOnceAreNotTakenForGranted() {
        ScaledStatement one = only(estimate(INDEX, 1.0, 0, beside(SampleCalibrations.times(1, 1, 1)), null));
        ScaledStatement two = only(estimate(INDEX, 2.0, 0, beside(SampleCalibrations.times(1, 1, 1)), null));
        assertThat(two.centralSeconds()).isCloseTo(one.centralSeconds(), within(1e-9));
        assertThat(two.upperSeconds()).isCloseTo(2 * one.upperSeconds(), within(1e-6));
        assertThat(two.notes()).anyMatch(note -> note.contains("processors worked for it at once"));
    }

    @Test
    void whatCannotBeScaledIsUnknownThereThoughNotHere() {
        Machines machines = beside(SampleCalibrations.times(2, 2, 2));
        isUnknown(estimate(VALIDATE, null, 0, machines, null), "does not tell how much of its time a processor");
        isUnknown(estimate(VALIDATE, 0.49, 0, machines, null), "do not measure");
        assertThat(estimate(VALIDATE, 0.51, 0, machines, null).answer()).isEqualTo(Answer.FITS);
        isUnknown(
                estimate(
                        VALIDATE, 1.0, 0, Machines.unknownHere(SampleCalibrations.here(), "It was interrupted."), null),
                "It was interrupted.");
        Calibration none =
                SampleCalibrations.of(Probe.unknown(Kind.CPU, Map.of(), "A repeat took longer than it may."));
        isUnknown(estimate(VALIDATE, 1.0, 0, beside(none), null), "Unknown there: A repeat took longer than it may.");
    }

    private static void isUnknown(Estimate estimate, String reason) {
        assertThat(estimate.answer()).isEqualTo(Answer.UNKNOWN);
        assertThat(estimate.centralSeconds()).isNull();
        assertThat(estimate.reasons()).anyMatch(told -> told.contains(reason));
        assertThat(estimate.statements().get(0).known()).isTrue();
        assertThat(estimate.otherMachine().hereCentralSeconds()).isCloseTo(HERE, within(0.01));
    }

    @Test
    void oneUnknownProbeIsReplacedInWords() {
        Calibration there = SampleCalibrations.with(
                SampleCalibrations.times(2, 3, 4),
                Probe.unknown(Kind.SORT_IN_MEMORY, Map.of(), "The server had not enough memory for it."));
        ScaledStatement scaled = only(estimate(INDEX, 1.0, 0, beside(there), null));
        assertThat(scaled.cpuProbe()).isEqualTo(Kind.CPU);
        assertThat(scaled.notes()).anyMatch(note -> note.contains("(sort in memory) is not known"));
    }

    @Test
    void readsThatCouldNotBeMeasuredThereAreADoubt() {
        Calibration there = SampleCalibrations.with(
                SampleCalibrations.times(1, 1, 1),
                Probe.unknown(Kind.SEQUENTIAL_READ, Map.of(), "There is no table that this role may read."));
        ScaledStatement scaled = only(estimate(VALIDATE, 1.0, 0, beside(there), null));
        assertThat(scaled.fetchShareThere()).isNull();
        assertThat(scaled.factor()).isCloseTo(1, within(1e-3));
        assertThat(scaled.notes()).anyMatch(note -> note.contains("There is no table that this role may read."));
    }

    @Test
    void theWindowIsHeldAgainstTheOtherMachine() {
        Machines machines = beside(SampleCalibrations.times(3, 3, 3));
        assertThat(estimate(VALIDATE, 1.0, 0, machines, Duration.ofSeconds(25)).answer())
                .isEqualTo(Answer.DOES_NOT_FIT);
        assertThat(estimate(VALIDATE, 1.0, 0, beside(SampleCalibrations.here()), Duration.ofSeconds(25))
                        .answer())
                .isEqualTo(Answer.FITS);
    }

    @Test
    void machinesFarApartAndOtherSettingsAreToldOf() {
        Calibration there = SampleCalibrations.with(
                SampleCalibrations.with(SampleCalibrations.times(10.1, 10, 0.099), "shared_buffers", "64MB"),
                "server_version_num",
                "150018");
        List<String> remarks =
                estimate(VALIDATE, 1.0, 0, beside(there), null).otherMachine().remarks();
        assertThat(remarks)
                .anyMatch(remark -> remark.contains("CPU per row takes"))
                .noneMatch(remark -> remark.contains("sort in memory takes"))
                .anyMatch(remark -> remark.contains("sort in temporary files takes"))
                .anyMatch(remark -> remark.contains("shared_buffers is 64MB, here it is 1GB"))
                .anyMatch(remark -> remark.contains("How much memory production's machine has"))
                .anyMatch(remark -> remark.contains("PostgreSQL 15") && remark.contains("with 18"));
    }

    /** A sort of 256 MB says nothing of one of 64 MB; a scan sorts nothing. */
    @Test
    void anOperationThatHangsOnASettingIsUnknownWhereThatIsAnother() {
        Machines machines = beside(SampleCalibrations.with(SampleCalibrations.here(), "maintenance_work_mem", "64MB"));
        Estimate build = estimate(INDEX, 1.0, 0, machines, Duration.ofHours(1));
        assertThat(only(build).unknown())
                .singleElement()
                .asString()
                .contains("maintenance_work_mem is 64MB, here it is 256MB", "Set it alike");
        assertThat(build.answer()).isEqualTo(Answer.UNKNOWN);
        assertThat(build.statements().get(0).duration()).as("here").isNotNull();
        assertThat(estimate(INDEX, 1.0, 0, beside(SampleCalibrations.here()), Duration.ofHours(1))
                        .answer())
                .isEqualTo(Answer.FITS);
        assertThat(estimate(VALIDATE, 1.0, 0, machines, Duration.ofHours(1)).answer())
                .isEqualTo(Answer.FITS);
    }

    /** A bulk change is written from shared_buffers, and WAL is left out at the least level alone. */
    @ParameterizedTest
    @CsvSource({
        "wal_level, replica, minimal, true",
        "wal_level, replica, logical, false",
        "wal_level, minimal, minimal, false",
        "full_page_writes, on, off, true",
        "fsync, on, off, true",
        "shared_buffers, 1GB, 128MB, true",
        "shared_buffers, 1GB, 1GB, false",
        "shared_buffers, 1GB, 2GB, false",
        "wal_compression, off, on, false"
    })
    void whatDecidesHowRowsAreWrittenIsNotScaled(String setting, String here, String there, boolean unknown) {
        Did update = Did.of("update orders set a = 1", Map.of("orders", "ROW EXCLUSIVE"))
                .scanning("orders");
        Did did = setting.equals("wal_level") ? INDEX : update;
        Machines machines = Machines.of(
                SampleCalibrations.with(SampleCalibrations.here(), setting, there),
                SampleCalibrations.with(SampleCalibrations.here(), setting, here));
        List<String> why = only(estimate(did, 1.0, 0, machines, null)).unknown();
        if (unknown) {
            assertThat(why).singleElement().asString().contains("Production's " + setting + " is " + there);
        } else {
            assertThat(why).isEmpty();
        }
    }

    @Test
    void repeatsThatAreFarApartMakeAFactorLessCertain() {
        Calibration there = SampleCalibrations.with(
                SampleCalibrations.here(), Probe.of(Kind.CPU, Map.of(), List.of(0.05, 0.1, 0.15), null));
        Factor factor = estimate(VALIDATE, 1.0, 0, beside(there), null)
                .otherMachine()
                .factors()
                .get(0);
        // A range of one median by 2.3 standard deviations and by the root of three repeats.
        assertThat(factor.error()).isCloseTo(1 / 2.3 / Math.sqrt(3), within(1e-9));
        assertThat(estimate(VALIDATE, 1.0, 0, beside(there), null)
                        .otherMachine()
                        .remarks())
                .anyMatch(remark -> remark.contains("far apart: its factor is good to"));
    }

    @Test
    void withoutACalibrationItIsThisMachines() {
        Rung top = rung(VALIDATE, TOP, 1.0, 0);
        assertThat(Estimator.estimate(
                                new Estimator.Question("shop", "a", Map.of("orders", TOP), Set.of("orders"), null),
                                List.of(top),
                                null)
                        .otherMachine())
                .isNull();
    }
}
