/* The delivery protocol of Waybill, checked exhaustively by spin. README.md beside this file says what is modelled and what is
   not, and `check` runs every policy. T1 to T13, I1 to I7, P2 and P3 are the names of the design, and names.txt says what the
   sources call the rest.

   A policy is a set of flags. First, what the product may be set to, and what may befall it:
     RESEND       T9 with in-doubt = resend, under rule C. Without it T9 holds.
     LOSSY        SES events may never be published: A2 does not hold.
     DEADFEED     The feed may die for good: nothing accepted from then on is published.
     LATER        SES also publishes Delivery and Bounce events.
     RESTORED     PostgreSQL loses its last commits once: the job row and the sequence of epochs are old ones.
     REDELIVERED  SQS brings the order once more after its job went to the history.
     OPERATOR     T10 and T13. Sending against the evidence may cost one more acceptance, which I1 then allows.
   Then mistakes, made on purpose. Each must have a counterexample (FRESH only with RESEND):
     EXPIRING       A claim expires by itself: T9 does not wait for V + G.
     FRESH          The request is signed when it is sent, not with the signedAt of its claim.
     REPOST         The HTTP client posts again by itself when the connection was closed without an answer.
     RETRY          The worker sends again after a reset.
     TIMEONLY       T9 resends as soon as V + G is over, although events may be unread.
     BLIND          T9 resends without proof that the feed is alive.
     NODEADLETTERS  T9 looks at the feedback queue, but not at its dead-letter queue.
     UNFENCED       A settlement names the job alone, not the worker and the epoch of its lease.
     NOEPOCH        T1 and its withdrawal do not compare epochs.
     ANYATTEMPT     T4 and T5 do not compare the attempt.
     ANYCLAIM       T9 does not compare the attempt.
     DEAF           T3 is refused once the record is UNCONFIRMED.
     LOOKONCE       The sweep never looks again by itself at a job that waits for an operator; only an event's hint does it.
     HINTSONLY      LOOKONCE, but a worker whose settlement was refused hints too.
     ROWFIRST       T13 puts the job back before it writes the record.

   PLAIN switches the merging of states off, to show that it hides nothing. LIVENESS is unfinished and in no row: faults cease at
   some moment, and the formula `ends` says that the order then ends and stays so; README.md. */

#include "stores.pml"
#include "worker.pml"
#include "sweep.pml"
#include "world.pml"
#include "circumstances.pml"

/* ---- The end. ---- */

#define ended     ((job == HISTORY && atEnd(status)) || (job == FOR_OPERATOR && status == UNCONFIRMED))
#define exhausted (job == READY && attempts == ATTEMPTS)

/* P2, once nothing can happen any more: the order has ended, and its record knows of an acceptance whose event was published. */
active proctype Stillness() {
    d_step { timeout ->
        promise(P2_every_order_ends, ended || exhausted);
#if !defined(LOSSY) && !defined(DEADFEED)
        promise(P2_every_order_ends, accepts == 0 || accepted(status));
#endif
        printf("nothing more happens\n")
    }
}

#ifdef LIVENESS
ltl ends { <> [] ended }
#endif

init {
    atomic {
        byte n;
        for (n : 0 .. WORKERS - 1) { run Worker(n) }
        for (n : 0 .. SWEEPERS - 1) { run Sweeper(n) }
        for (n : 1 .. ATTEMPTS) { run World(n); run Feedback(n) }
    }
}
