package dev.pgrehearse.cli;

import dev.pgrehearse.recording.Fold;
import dev.pgrehearse.recording.Journal;
import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.recording.RecordingJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A run's folder, read back.
 *
 * @param folder the run's folder
 * @param recordings its recordings, in the order in which they were started
 */
record SavedRun(Path folder, List<Saved> recordings) {
    private static final String RECORDING = "recording.json";

    /** One rehearsal: its id and what was recorded. */
    record Saved(String id, Recording recording) {}

    /**
     * Reads a run's folder. A rehearsal that was cut off has no recording yet: it is folded from its journal.
     *
     * @throws WrongInput when the folder holds no rehearsal
     */
    static SavedRun read(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            throw new WrongInput(folder + " is no folder; the folder of a run is expected, such as"
                    + " reports/lock-queue/2026-01-31T02-00-00Z");
        }
        if (holdsRehearsal(folder)) {
            throw new WrongInput(folder + " is one rehearsal of a run; name the run's own folder: pgrehearse judge "
                    + Optional.ofNullable(folder.normalize().getParent()).orElse(Path.of("..")));
        }
        List<Path> rehearsals;
        try (Stream<Path> entries = Files.list(folder)) {
            rehearsals = entries.filter(SavedRun::holdsRehearsal).sorted().toList();
        }
        if (rehearsals.isEmpty()) {
            throw new WrongInput(folder + " holds no rehearsal: none of its folders has a " + RECORDING + " or a "
                    + Journal.FILE_NAME);
        }
        List<Saved> recordings = new ArrayList<>();
        for (Path rehearsal : rehearsals) {
            recordings.add(new Saved(rehearsal.getFileName().toString(), recording(rehearsal)));
        }
        recordings.sort(Comparator.comparing(saved -> saved.recording().startedAt()));
        return new SavedRun(folder, List.copyOf(recordings));
    }

    private static boolean holdsRehearsal(Path folder) {
        return Files.exists(folder.resolve(RECORDING)) || Files.exists(folder.resolve(Journal.FILE_NAME));
    }

    private static Recording recording(Path rehearsal) throws IOException {
        Path file = rehearsal.resolve(RECORDING);
        if (Files.exists(file)) {
            return RecordingJson.read(file);
        }
        Recording folded = Fold.of(rehearsal);
        RecordingJson.write(folded, file);
        return folded;
    }
}
