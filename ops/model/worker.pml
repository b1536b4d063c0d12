/* ---- A worker, one job at a time. Its steps are the states of AttemptMachine. ---- */

#ifdef UNFENCED
#define holdsLease (job != HISTORY)
#else
#define holdsLease (job == LEASED && jobWorker == me && jobEpoch == term)
#endif

/* Workers are alike: the first free one leases, without loss of generality. */
#define firstFree (me == 0 || hand[0] != 0)

inline settleAs(v) { verdict = v; step = SETTLE }

/* The worker forgets its attempt: it is done with it, or it crashes. */
inline forget() {
    answer[mine] = NOBODY; claimed[mine] = false; requested[mine] = false;
    if
    :: epoch < term && !copies[mine] && mine == attempts && term == sequence -> attempts--; sequence--; epochOf[mine] = 0
    :: else
    fi;
    step = IDLE; mine = 0; term = 0; verdict = NOTHING;
    tidy()
}

/* A write of the worker was refused, and the refusal shows the record. After T1, PENDING means T1'': the database has given out
   an epoch that was used before. */
inline refused() {
    if
    :: status == PENDING ->
       if :: sequence < epoch -> sequence = epoch :: else fi;
       settleAs(READY_AGAIN)
    :: status == SENDING || status == UNCONFIRMED -> settleAs(TO_DOUBT)
    :: atEnd(status) -> settleAs(FINISH)
    fi
}

/* A worker whose settlement was refused hints that the record may say more by now than others have read. Where the sweep looks
   again by itself, the hint adds nothing. */
#ifdef HINTSONLY
#define hints true
#else
#define hints false
#endif

proctype Worker(byte me) {
    mtype:Step step = IDLE;
    mtype:Verdict verdict = NOTHING;
#ifdef RETRY
    bool retried;
#endif
end:
    do
    :: d_step { step == IDLE && firstFree && job == READY && attempts < ATTEMPTS ->
           attempts++; sequence++;
           mine = attempts; term = sequence; epochOf[mine] = term;
           job = LEASED; jobWorker = me; jobEpoch = term; sameLease[0] = false; sameLease[SWEEPERS - 1] = false;
           step = CLAIM;
           printf("worker %d leases the job under epoch %d, for attempt %d\n", me, term, mine) }

    /* T1, its repeats T1', or T12 in its stead. */
    :: d_step { step == CLAIM && claimable(term) ->
           claimRecord(mine); step = SEND;
           printf("worker %d: T1 of attempt %d is applied and answered\n", me, mine) }
    :: d_step { step == CLAIM && !claimable(term) && status == SENDING && attempt == mine ->
           step = SEND;
           printf("worker %d recognises its own claim, attempt %d\n", me, mine) }
    :: d_step { step == CLAIM && !claimable(term) && !(status == SENDING && attempt == mine) ->
           refused();
           printf("worker %d: T1 of attempt %d is refused, the record is %e\n", me, mine, status) }
    :: d_step { step == CLAIM && !copies[mine] && fault ->
           copies[mine] = true;
           printf("worker %d: T1 of attempt %d is not answered\n", me, mine) }
    :: d_step { step == CLAIM && copies[mine] && fault ->
           step = WITHDRAW;
           printf("worker %d gives up the claim of attempt %d\n", me, mine) }
    :: d_step { step == CLAIM && !copies[mine] && claimable(term) && fault ->
           epoch = term; write(SUPPRESSED); settleAs(FINISH);
           printf("worker %d: T12, the address is suppressed\n", me) }

    /* T1': PENDING at this epoch, so that late copies of the claim are refused. */
    :: d_step { step == WITHDRAW && claimable(term) ->
           epoch = term; write(PENDING); settleAs(READY_AGAIN);
           printf("worker %d: T1', attempt %d is withdrawn\n", me, mine) }
    :: d_step { step == WITHDRAW && !claimable(term) && status == SENDING && attempt == mine ->
           step = RELEASE;
           printf("worker %d: the claim of attempt %d came through after all\n", me, mine) }
    :: d_step { step == WITHDRAW && !claimable(term) && !(status == SENDING && attempt == mine) -> refused() }
    :: d_step { step == WITHDRAW && fault ->
           settleAs(READY_AGAIN);
           printf("worker %d: the withdrawal of attempt %d is not answered, and was lost\n", me, mine) }

    /* T2, however long after T1; or T5, when the lease is not trusted any more or nothing could be written. */
    :: d_step { step == SEND ->
           promise(I4_claim_before_request, claimed[mine]);
#ifndef RETRY
           promise(I4_claim_before_request, !requested[mine]);
#endif
           requested[mine] = true; wire[mine] = true; answer[mine] = AWAITED; step = WAIT;
           printf("worker %d: T2, the request of attempt %d is on the wire\n", me, mine) }
    :: d_step { step == SEND && fault ->
           step = RELEASE;
           printf("worker %d: T5, attempt %d is not sent\n", me, mine) }

    /* T6: a timeout, a reset, a 5xx. Nobody writes. */
    :: d_step { step == WAIT && (fault || (answer[mine] == AWAITED && !wire[mine])) ->
           answer[mine] = NOBODY; settleAs(TO_DOUBT);
           printf("worker %d: T6, it does not learn what became of attempt %d\n", me, mine) }
#ifdef RETRY
    :: d_step { step == WAIT && !retried ->
           retried = true; answer[mine] = NOBODY; step = SEND;
           printf("worker %d sends attempt %d again after a reset\n", me, mine) }
#endif

    /* T3: a 200 is evidence like a Send event. The record may answer, not answer, or not be reached at all. */
#ifdef DEAF
#define t3Heard (status != UNCONFIRMED)
#else
#define t3Heard true
#endif
    :: atomic { step == WAIT && answer[mine] == ACCEPTED ->
           d_step {
               if :: t3Heard -> evidence(SENT, mine) :: else fi;
               printf("worker %d: T3 of attempt %d, the record is %e\n", me, mine, status);
               promise(T3_evidence_counts, accepted(status));
               answer[mine] = NOBODY
           };
           if :: settleAs(FINISH) :: fault -> settleAs(TO_DOUBT) fi }
    :: d_step { step == WAIT && answer[mine] == ACCEPTED && fault ->
           answer[mine] = NOBODY; settleAs(TO_DOUBT);
           printf("worker %d: T3 of attempt %d does not reach the record\n", me, mine) }

    /* T4: SES refused this message for good. */
    :: atomic { step == WAIT && answer[mine] == REJECTED && stillClaimed(mine) ->
           d_step {
               write(FAILED); answer[mine] = NOBODY;
               printf("worker %d: T4, attempt %d failed for good\n", me, mine)
           };
           if :: settleAs(FINISH) :: fault -> settleAs(TO_DOUBT) fi }
    :: d_step { step == WAIT && answer[mine] == REJECTED && !stillClaimed(mine) -> answer[mine] = NOBODY; refused() }
    :: d_step { step == WAIT && answer[mine] == REJECTED && fault ->
           answer[mine] = NOBODY; settleAs(TO_DOUBT);
           printf("worker %d: T4 of attempt %d does not reach the record\n", me, mine) }

    /* T4 and T5: it was not accepted, for sure, and may be sent under another attempt. */
    :: d_step { step == WAIT && answer[mine] == REFUSED -> answer[mine] = NOBODY; step = RELEASE }
    :: atomic { step == RELEASE && stillClaimed(mine) ->
           d_step { write(PENDING); printf("worker %d: T4 or T5, attempt %d is released\n", me, mine) };
           if :: settleAs(READY_AGAIN) :: fault -> settleAs(TO_DOUBT) fi }
    :: d_step { step == RELEASE && !stillClaimed(mine) -> refused() }
    :: d_step { step == RELEASE && fault ->
           settleAs(TO_DOUBT);
           printf("worker %d: the release of attempt %d does not reach the record\n", me, mine) }

    /* T11, or what else becomes of the job. */
    :: d_step { step == SETTLE && holdsLease ->
           printf("worker %d settles the job: %e\n", me, verdict);
           if
           :: verdict == FINISH -> finishJob()
           :: verdict == READY_AGAIN -> readyJob()
           :: verdict == TO_DOUBT -> job = IN_DOUBT; jobWorker = 0; jobEpoch = 0
           fi;
           forget() }
    :: d_step { step == SETTLE && !holdsLease ->
           printf("worker %d: its settlement is refused, the lease is lost\n", me);
           if :: hints -> step = HINT :: else -> forget() fi }
    :: d_step { step == HINT ->
           if
           :: job == FOR_OPERATOR -> job = IN_DOUBT; printf("worker %d: its hint brings the job to the sweep\n", me)
           :: else
           fi;
           forget() }

    :: d_step { step != IDLE && fault -> printf("worker %d crashes\n", me); forget() }
    od
}
