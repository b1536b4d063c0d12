#ifndef WORKERS
#define WORKERS 2
#endif
#ifndef SWEEPERS
#define SWEEPERS 2
#endif
#ifndef ATTEMPTS
#define ATTEMPTS 3
#endif
#ifndef INTERVENTIONS
#define INTERVENTIONS 1
#endif

/* The record's status. BOUNCED stands for all that ranks above DELIVERED. */
mtype:Status = { NONE, PENDING, SENDING, UNCONFIRMED, FAILED, SUPPRESSED, CLOSED, SENT, DELIVERED, BOUNCED };
/* The job row. FOR_OPERATOR is the state `unconfirmed`: the job waits for an operator. */
mtype:Row = { READY, LEASED, IN_DOUBT, FOR_OPERATOR, HISTORY };
/* What has come back for a request. NOBODY: no worker listens. REFUSED: definitely, but not because of this message. */
mtype:Answer = { NOBODY, AWAITED, ACCEPTED, REJECTED, REFUSED };
/* Where a process stands: the step that it takes next. */
mtype:Step = { IDLE, CLAIM, WITHDRAW, SEND, WAIT, RELEASE, READ, DOUBT, RESEND_IT, SETTLE, DECIDE, ROW, HINT };
/* What is to become of the job. */
mtype:Verdict = { NOTHING, FINISH, READY_AGAIN, TO_DOUBT, HOLD };
/* SES accepts the attempt; it is past V; past V + G. */
mtype:Age = { YOUNG, STALE, OVER };
/* The promises, as a counterexample names them. */
mtype:Promise = { I1_one_acceptance, I4_claim_before_request, I5_sent_was_accepted, I6_no_job_lost, I7_epochs_rise,
                  P2_every_order_ends, P3_status_stays, T3_evidence_counts, no_false_alarm };

#define accepted(s) (s == SENT || s == DELIVERED || s == BOUNCED)
#define decided(s)  (s == FAILED || s == SUPPRESSED || s == CLOSED)
#define atEnd(s)    (accepted(s) || decided(s))

/* DynamoDB: the record. Numbers start at 1; 0 is none. */
mtype:Status status = NONE;
byte attempt;                         /* the one that claimed it */
byte epoch;                           /* of the last T1, T1' or T12 */
byte message;                         /* SES's message id, named after the attempt that got it */

/* PostgreSQL: the job row and the sequence of epochs. */
mtype:Row job = READY;
byte jobWorker, jobEpoch;             /* of its lease */
byte sequence;
bool sameLease[SWEEPERS];             /* the job was not leased since this sweeper read it: the epoch is the one seen */

/* Attempts. Each belongs to one lease, and so to one epoch. */
byte attempts;
byte epochOf[ATTEMPTS + 1];
bool copies[ATTEMPTS + 1];            /* T1 was not answered: copies of it may still reach the record */
bool claimed[ATTEMPTS + 1];           /* its T1 was applied */
bool requested[ATTEMPTS + 1];         /* its T2 was done */
bool wire[ATTEMPTS + 1];              /* its request is on the way to SES */
mtype:Answer answer[ATTEMPTS + 1] = NOBODY;
mtype:Age age[ATTEMPTS + 1] = YOUNG;
bool wasAccepted[ATTEMPTS + 1];
byte accepts;

/* The feed. A set of events that SES will publish, a set of events in the queue; Send events also in the dead-letter queue. */
#define SEND_EVENT     1
#define DELIVERY_EVENT 2
#define BOUNCE_EVENT   4
byte owed[ATTEMPTS + 1], queued[ATTEMPTS + 1];
bool deadLetter[ATTEMPTS + 1];
#ifdef DEADFEED
bool feedDead;
bool provenAlive[ATTEMPTS + 1];       /* another email, accepted after this attempt was past V, had its Send event applied */
#endif

/* What a worker has in hand: an attempt, and the epoch of its lease. */
byte hand[WORKERS], lease[WORKERS];
#define mine hand[me]
#define term lease[me]
#if WORKERS == 1
#define inHand(a) (hand[0] == a)
#else
#define inHand(a) (hand[0] == a || hand[1] == a)
#endif

/* The operator. */
byte interventions;
byte risked;                          /* decisions to send although an earlier attempt may have been accepted */
bool asSeen;                          /* the record's version is the one that the operator saw */
bool reopening;                       /* T13 has written the record; its durable request has yet to move the job */

bool sweeping;                        /* sweeper 0 is at work */
mtype:Promise broken;

/* Faults may always happen where safety is checked. For liveness they cease when Calm says so, and with the last attempt. */
#ifdef LIVENESS
bool calm;
#define fault (!calm && attempts < ATTEMPTS)
#else
#define fault true
#endif

/* An attempt's age is asked when its request arrives and when the sweep judges its claim. It grows only then: growing earlier
   shows nothing more. */
#define ageMatters(a) (wire[a] || (status == SENDING && attempt == a))
#ifdef LIVENESS
#define mayAge(a) (ageMatters(a) && (fault || !inHand(a)))
#else
#define mayAge(a) ageMatters(a)
#endif

inline promise(name, condition) {
    if
    :: (condition)
    :: else -> broken = name; printf("BROKEN %e\n", broken); assert(false)
    fi
}

/* What cannot matter any more is set back. That merges states and shows no less: copies of a T1 that the record will refuse;
   the attempt of a record that nobody has claimed; the age of an attempt that nobody asks about. If a late copy brings its
   claim back, it grows again, and no request of it can follow. */
#ifdef PLAIN
#define tidyAttempt(a)
#else
inline tidyAttempt(a) {
    if :: !ageMatters(a) && !inHand(a) -> age[a] = YOUNG :: else fi;
#ifndef NOEPOCH
    copies[a] = copies[a] && !accepted(status) && epochOf[a] > epoch;
#endif
    if :: !copies[a] && !inHand(a) -> epochOf[a] = 0 :: else fi
}
#endif

inline tidy() {
    if :: status != SENDING && status != UNCONFIRMED -> attempt = 0 :: else fi;
    tidyAttempt(1); tidyAttempt(2);
#if ATTEMPTS > 2
    tidyAttempt(3);
#endif
#if ATTEMPTS > 3
    tidyAttempt(4);
#endif
}

/* Every write to the record's status passes here. */
inline write(new) {
    promise(P3_status_stays, !accepted(status) || new == BOUNCED || (new == DELIVERED && status == SENT));
    status = new;
    asSeen = false;
    promise(I6_no_job_lost, job != HISTORY || atEnd(status) || reopening);
    tidy()
}

/* T1's condition, which its withdrawal T1' and the decision T12 share. */
#ifdef NOEPOCH
#define claimable(e) (status == NONE || status == PENDING)
#else
#define claimable(e) (status == NONE || (status == PENDING && epoch < e))
#endif

/* T1 is applied. */
inline claimRecord(a) {
    promise(I7_epochs_rise, epoch < epochOf[a]);
    attempt = a;
    epoch = epochOf[a];
    claimed[a] = inHand(a);
    write(SENDING)
}

/* T3, T7 and T8: a fact about the message of an attempt. It raises the status, or the status is that high already. */
inline evidence(fact, a) {
    promise(I5_sent_was_accepted, wasAccepted[a]);
    if
    :: message == 0 -> message = a
    :: else -> promise(no_false_alarm, message == a || accepts > 1)      /* another message id alarms a DuplicateSend */
    fi;
    if
    :: !accepted(status) || (status == SENT && fact != SENT) || (status == DELIVERED && fact == BOUNCED) -> write(fact)
    :: else
    fi
}

/* T4's and T5's condition. */
#ifdef ANYATTEMPT
#define stillClaimed(a) (status == SENDING || status == UNCONFIRMED)
#else
#define stillClaimed(a) ((status == SENDING || status == UNCONFIRMED) && attempt == a)
#endif

/* T11. */
inline finishJob() {
    job = HISTORY; jobWorker = 0; jobEpoch = 0;
    promise(I6_no_job_lost, atEnd(status) || reopening)
}

inline readyJob() { job = READY; jobWorker = 0; jobEpoch = 0 }
