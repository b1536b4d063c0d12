/* A lease runs out at any moment. Once faults have ceased, only that of a worker that forgot it does. */
#ifdef LIVENESS
#define runsOut (fault || lease[jobWorker] != jobEpoch)
#else
#define runsOut true
#endif

active proctype Reaper() {
end:
    do
    :: d_step { job == LEASED && runsOut -> printf("the lease of worker %d is reaped\n", jobWorker); readyJob() }
    od
}

/* ---- The sweep, T9. Several run at once: leader election is not relied upon. ---- */

#ifdef NODEADLETTERS
#define drainedOf(a) (queued[a] == 0)
#else
#define drainedOf(a) (queued[a] == 0 && !deadLetter[a])
#endif
#if ATTEMPTS == 2
#define drained (drainedOf(1) && drainedOf(2))
#elif ATTEMPTS == 3
#define drained (drainedOf(1) && drainedOf(2) && drainedOf(3))
#else
#define drained (drainedOf(1) && drainedOf(2) && drainedOf(3) && drainedOf(4))
#endif

#if defined(DEADFEED) && !defined(BLIND)
#define alive(a) provenAlive[a]
#else
#define alive(a) true
#endif

/* Rule C: V + G is over, the feed is drained, and it is alive. */
#ifdef EXPIRING
#define due(a) true
#define provenLost(a) true
#else
#define due(a) (age[a] == OVER)
#ifdef TIMEONLY
#define provenLost(a) true
#else
#define provenLost(a) (drained && alive(a))
#endif
#endif

#ifdef ANYCLAIM
#define sweepable (status == SENDING)
#else
#define sweepable (status == SENDING && attempt == seen)
#endif

/* Looking at a held job whose record is UNCONFIRMED changes nothing, and is left out. */
#if defined(LOOKONCE) || defined(HINTSONLY)
#define worthALook (job == IN_DOUBT)
#else
#define worthALook (job == IN_DOUBT || (job == FOR_OPERATOR && status != UNCONFIRMED))
#endif

inline rest() { step = IDLE; seen = 0; verdict = NOTHING; sameLease[me] = false; sweeping = sweeping && me != 0 }

/* What the record says of the job. A claim that is not due, or another's, is looked at another time. */
inline judge() {
    if
    :: status == NONE || status == PENDING -> settleAs(READY_AGAIN)
    :: status == SENDING -> rest()
    :: status == UNCONFIRMED -> settleAs(HOLD)
    :: atEnd(status) -> settleAs(FINISH)
    fi
}

proctype Sweeper(byte me) {
    byte seen;
    mtype:Step step = IDLE;
    mtype:Verdict verdict = NOTHING;
end:
    do
    :: d_step { step == IDLE && worthALook && (me == 0 || sweeping) ->
           sameLease[me] = true; sweeping = sweeping || me == 0; step = READ }

    :: d_step { step == READ && status != SENDING -> judge() }
    :: d_step { step == READ && status == SENDING && due(attempt) ->
           seen = attempt; step = DOUBT;
#ifdef RESEND
           if :: provenLost(seen) -> step = RESEND_IT :: else fi;
#endif
           printf("sweeper %d judges attempt %d: %e\n", me, seen, step) }

    :: d_step { step == DOUBT ->
           if :: sweepable -> write(UNCONFIRMED); printf("sweeper %d: T9, UNCONFIRMED\n", me) :: else fi;
           judge() }
    :: d_step { step == RESEND_IT ->
           if :: sweepable -> write(PENDING); printf("sweeper %d: T9, PENDING, to be sent again\n", me) :: else fi;
           judge() }

    :: d_step { step == SETTLE ->
           if
           :: (job == IN_DOUBT || job == FOR_OPERATOR) && sameLease[me] ->
              printf("sweeper %d settles the job: %e\n", me, verdict);
              if
              :: verdict == FINISH -> finishJob()
              :: verdict == READY_AGAIN -> readyJob()
              :: verdict == HOLD -> job = FOR_OPERATOR
              fi
           :: else
           fi;
           rest() }

    :: d_step { step != IDLE && fault -> rest() }
    od
}
