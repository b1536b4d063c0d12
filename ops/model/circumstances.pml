/* ---- What happens only in some policies. ---- */

#ifdef OPERATOR
#define undecided (job == IN_DOUBT || job == FOR_OPERATOR)
/* What an operator may decide anew. T13 wants the job in the history: the order is put back from there. */
#define reversible (status == UNCONFIRMED || (decided(status) && job == HISTORY))

/* T10 and T13. An operator's request is a durable row that is carried out to its end, however late and by whichever worker; so
   this process does not crash. The record is written first, if it still is as it was seen. The job follows, if it rests: a job
   that is leased is left to its worker, whose settlement leads back to the record. */
active proctype Operator() {
    mtype:Step step = IDLE;
    mtype:Verdict verdict = NOTHING;
end:
    do
    :: d_step { step == IDLE && interventions < INTERVENTIONS && reversible ->
           interventions++; asSeen = true; step = DECIDE }
    :: d_step { step == DECIDE && !asSeen -> step = IDLE }
    :: d_step { step == DECIDE && asSeen && status == UNCONFIRMED ->
           risked++; write(PENDING); verdict = READY_AGAIN; step = ROW;
           printf("the operator sends it again: T10\n") }
    :: d_step { step == DECIDE && asSeen && status == UNCONFIRMED ->
           write(CLOSED); verdict = FINISH; step = ROW;
           printf("the operator closes it: T10\n") }
#ifdef ROWFIRST
    :: d_step { step == DECIDE && asSeen && decided(status) ->
           readyJob(); step = ROW;
           printf("the operator readies the job\n") }
    :: d_step { step == ROW && verdict == NOTHING && asSeen ->
           write(PENDING); step = IDLE;
           printf("the operator takes the decision back: T13\n") }
    :: d_step { step == ROW && verdict == NOTHING && !asSeen -> step = IDLE }
#else
    :: d_step { step == DECIDE && asSeen && decided(status) ->
           if :: status == CLOSED -> risked++ :: else fi;
           reopening = true; write(PENDING); verdict = READY_AGAIN; step = ROW;
           printf("the operator takes the decision back: T13\n") }
#endif
    :: d_step { step == ROW && verdict != NOTHING ->
           if
           :: verdict == FINISH && undecided -> finishJob()
           :: verdict == READY_AGAIN && (undecided || job == HISTORY) -> readyJob()
           :: else
           fi;
           reopening = false; step = IDLE; verdict = NOTHING;
           printf("the operator's request moves the job: %e\n", job) }
    od
}
#endif

#ifdef REDELIVERED
active proctype Ingest() {
end:
    d_step { job == HISTORY && fault -> job = READY; printf("SQS brings the order again\n") }
}
#endif

#ifdef RESTORED
active proctype Restore() {
end:
    atomic { sequence > 0 && fault ->
        readyJob();
        if :: sequence-- :: sequence > 1 -> sequence = 0 fi;
        printf("PostgreSQL is restored: the job is ready, the last epoch is %d\n", sequence) }
}
#endif

#ifdef LIVENESS
active proctype Calm() { calm = true }
#endif
