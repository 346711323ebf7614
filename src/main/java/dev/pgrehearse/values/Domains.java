package dev.pgrehearse.values;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Domains made of others. */
public final class Domains {
    /** No values at all. */
    public static final Domain NONE = new Joined(List.of());

    private Domains() {}

    /** Of another domain, {@code size} values at equal distances, in its order. */
    public static Domain thinned(Domain domain, long size) {
        if (size > domain.size()) {
            throw new IllegalArgumentException(size + " different values of something that has " + domain.size());
        }
        return size == domain.size() ? domain : new Thinned(domain, size);
    }

    /** The first {@code size} values of another domain. */
    public static Domain first(Domain domain, long size) {
        return inSteps(domain, Math.min(size, domain.size()), 0, 1);
    }

    /** Of another domain {@code size} values, from {@code start} on every {@code step}-th. */
    public static Domain inSteps(Domain domain, long size, long start, long step) {
        return new Stepped(domain, size, start, step);
    }

    private record Stepped(Domain domain, long size, long start, long step) implements Domain {
        @Override
        public @Nullable String textAt(long index) {
            return domain.textAt(start + index * step);
        }

        @Override
        public void copyTo(CopyBuffer out, long index) {
            domain.copyTo(out, start + index * step);
        }
    }

    /** The values of a column by the number of their row. */
    public static Domain byRow(ValueGenerator values, long rows) {
        return new ReferencedKeys(values, rows);
    }

    /** The values of some domains, one after the other. */
    public static Domain joined(List<Domain> domains) {
        return domains.size() == 1 ? domains.get(0) : new Joined(domains);
    }

    /** The values of another domain in another order: {@code order} has the index of each. */
    public static Domain inOrder(Domain domain, int[] order) {
        return new Reordered(domain, order.clone());
    }

    private static final class Reordered implements Domain {
        private final Domain domain;
        private final int[] order;

        Reordered(Domain domain, int[] order) {
            this.domain = domain;
            this.order = order;
        }

        @Override
        public long size() {
            return order.length;
        }

        @Override
        public @Nullable String textAt(long index) {
            return domain.textAt(order[(int) index]);
        }

        @Override
        public void copyTo(CopyBuffer out, long index) {
            domain.copyTo(out, order[(int) index]);
        }
    }

    private record Thinned(Domain domain, long size) implements Domain {
        @Override
        public @Nullable String textAt(long index) {
            return domain.textAt(at(index));
        }

        @Override
        public void copyTo(CopyBuffer out, long index) {
            domain.copyTo(out, at(index));
        }

        private long at(long index) {
            return index * domain.size() / size;
        }
    }

    private static final class Joined implements Domain {
        private final Domain[] domains;
        private final long[] ends;

        Joined(List<Domain> domains) {
            this.domains = domains.toArray(Domain[]::new);
            this.ends = new long[this.domains.length];
            long end = 0;
            for (int number = 0; number < ends.length; number++) {
                end += this.domains[number].size();
                ends[number] = end;
            }
        }

        @Override
        public long size() {
            return ends.length == 0 ? 0 : ends[ends.length - 1];
        }

        @Override
        public @Nullable String textAt(long index) {
            int number = numberOf(index);
            return domains[number].textAt(within(index, number));
        }

        @Override
        public void copyTo(CopyBuffer out, long index) {
            int number = numberOf(index);
            domains[number].copyTo(out, within(index, number));
        }

        private int numberOf(long index) {
            int number = 0;
            while (ends[number] <= index) {
                number++;
            }
            return number;
        }

        private long within(long index, int number) {
            return number == 0 ? index : index - ends[number - 1];
        }
    }
}
