package dev.pgrehearse.workload;

import dev.pgrehearse.recording.Outcome;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.EnumMap;
import java.util.Map;
import java.util.PriorityQueue;

/**
 * What must come of requests that arrive at given times while their table is locked: the queue model that the load is held
 * against.
 *
 * <p>A request takes a free worker, or waits in the accept queue for one, or is rejected when that is full. Its worker takes a
 * free connection, or waits for one, first come, first served; after {@code connectionTimeout} it gives up, and takes the next
 * request. A connection serves in {@code service}; when the table is locked meanwhile, it is done that long after the lock's end.
 * All times are nanoseconds.
 */
record QueueModel(
        int workers, int acceptQueue, int pool, long connectionTimeout, long lockStart, long lockEnd, long service) {
    /** A moment at which something is over: a request is done, or a worker gives up. */
    private record Event(long at, Waiting timeout) {
        boolean isTimeout() {
            return timeout != Waiting.NOBODY;
        }
    }

    /** A worker that waits for a connection, since then. */
    private static final class Waiting {
        static final Waiting NOBODY = new Waiting();
        private boolean served;
    }

    /** How many requests end how, of those that arrive at these times, which ascend. */
    Map<Outcome, Integer> outcomes(long[] arrivals) {
        return new Run().of(arrivals);
    }

    private final class Run {
        private final Map<Outcome, Integer> outcomes = new EnumMap<>(Outcome.class);
        private final PriorityQueue<Event> events = new PriorityQueue<>(Comparator.comparingLong(Event::at));
        private final Deque<Waiting> waiting = new ArrayDeque<>();
        private int freeWorkers = workers;
        private int freeConnections = pool;
        private int accepted;

        Map<Outcome, Integer> of(long[] arrivals) {
            for (long arrival : arrivals) {
                until(arrival);
                if (freeWorkers > 0) {
                    freeWorkers--;
                    begin(arrival);
                } else if (accepted < acceptQueue) {
                    accepted++;
                } else {
                    outcomes.merge(Outcome.QUEUE_REJECTED, 1, Integer::sum);
                }
            }
            until(Long.MAX_VALUE);
            return outcomes;
        }

        private void until(long now) {
            while (!events.isEmpty() && events.peek().at() <= now) {
                end(events.poll());
            }
        }

        private void begin(long now) {
            if (freeConnections > 0) {
                freeConnections--;
                serve(now);
            } else {
                Waiting worker = new Waiting();
                waiting.add(worker);
                events.add(new Event(now + connectionTimeout, worker));
            }
        }

        private void serve(long now) {
            boolean locked = now < lockEnd && now + service > lockStart;
            events.add(new Event((locked ? lockEnd : now) + service, Waiting.NOBODY));
        }

        private void end(Event event) {
            if (event.isTimeout()) {
                if (!event.timeout().served) {
                    waiting.remove(event.timeout());
                    outcomes.merge(Outcome.POOL_TIMEOUT, 1, Integer::sum);
                    next(event.at());
                }
                return;
            }
            outcomes.merge(Outcome.OK, 1, Integer::sum);
            Waiting first = waiting.poll();
            if (first == null) {
                freeConnections++;
            } else {
                first.served = true;
                serve(event.at());
            }
            next(event.at());
        }

        /** A worker is free. */
        private void next(long now) {
            if (accepted > 0) {
                accepted--;
                begin(now);
            } else {
                freeWorkers++;
            }
        }
    }
}
