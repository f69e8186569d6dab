package io.sallyport.sync.control;

import io.helidon.http.Status;
import io.sallyport.sync.store.Database.Refusal;

/** What the store refuses, as statuses. */
final class Refusals {
    private Refusals() {}

    static Problem problem(Refusal refusal) {
        Status status =
                switch (refusal.kind()) {
                    case UNKNOWN -> Status.NOT_FOUND_404;
                    case EXISTS, FULL -> Status.CONFLICT_409;
                    case STALE -> Status.PRECONDITION_FAILED_412;
                };
        return Problem.of(status, String.valueOf(refusal.getMessage()));
    }
}
