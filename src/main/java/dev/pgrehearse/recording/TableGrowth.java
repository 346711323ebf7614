package dev.pgrehearse.recording;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How large a table was, and became. Bytes of its files, all segments and forks; 0 when it did not exist.
 *
 * @param table schema-qualified unless in {@code public}; the name before, when it was renamed
 * @param heapBefore with its TOAST table and that one's index
 * @param indexBefore of all its indexes
 */
public record TableGrowth(String table, long heapBefore, long heapAfter, long indexBefore, long indexAfter) {
    /** How much larger it became; negative when it shrank. */
    public long bytes() {
        return heapAfter - heapBefore + indexAfter - indexBefore;
    }

    /** Those whose size changed, the most changed first. A table is the same one when its oid is. */
    public static List<TableGrowth> between(List<Fact.TableSize> before, List<Fact.TableSize> after) {
        Map<Long, TableGrowth> growths = new LinkedHashMap<>();
        for (Fact.TableSize table : before) {
            growths.put(table.oid(), new TableGrowth(table.table(), table.heapBytes(), 0, table.indexBytes(), 0));
        }
        for (Fact.TableSize table : after) {
            TableGrowth was = growths.get(table.oid());
            growths.put(
                    table.oid(),
                    was == null
                            ? new TableGrowth(table.table(), 0, table.heapBytes(), 0, table.indexBytes())
                            : new TableGrowth(
                                    was.table(),
                                    was.heapBefore(),
                                    table.heapBytes(),
                                    was.indexBefore(),
                                    table.indexBytes()));
        }
        return growths.values().stream()
                .filter(growth ->
                        growth.heapBefore() != growth.heapAfter() || growth.indexBefore() != growth.indexAfter())
                .sorted(Comparator.comparingLong((TableGrowth growth) -> -Math.abs(growth.bytes()))
                        .thenComparing(TableGrowth::table))
                .toList();
    }
}
