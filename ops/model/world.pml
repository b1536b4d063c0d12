/* ---- The world of one attempt: network, SES, its feed, and time. ---- */

#ifdef FRESH
#define signatureRefused(a) false
#else
#define signatureRefused(a) (age[a] != YOUNG)
#endif

#ifdef DEADFEED
#define feedWorks (!feedDead)
#else
#define feedWorks true
#endif

inline hear(a, what) { if :: answer[a] == AWAITED -> answer[a] = what :: else fi }

inline accept() {
    accepts++; wasAccepted[i] = true;
    printf("SES accepts attempt %d\n", i);
    promise(I1_one_acceptance, accepts <= 1 + risked);
    if :: feedWorks -> owed[i] = SEND_EVENT :: else fi
}

inline publish(event) {
    printf("event %d of attempt %d is published\n", event, i);
    owed[i] = owed[i] & ~event; queued[i] = queued[i] | event
}

inline lose(event) {
    printf("event %d of attempt %d is never published\n", event, i);
    owed[i] = owed[i] & ~event
}

proctype World(byte i) {
#ifdef REPOST
    bool reposted;
#endif
#ifdef LATER
    bool reported, bounced;
#endif
end:
    do
    /* The request is lost, or SES refuses it, or SES accepts it. The answer comes back or is lost. */
    :: d_step { wire[i] && fault -> wire[i] = false; tidyAttempt(i); printf("the request of attempt %d is lost\n", i) }
    :: d_step { wire[i] && signatureRefused(i) ->
           wire[i] = false; hear(i, REFUSED); tidyAttempt(i);
           printf("SES refuses the signature of attempt %d\n", i) }
    :: d_step { wire[i] && fault && answer[i] == AWAITED ->
           wire[i] = false; answer[i] = REFUSED; tidyAttempt(i);
           printf("SES refuses attempt %d for now\n", i) }
    :: d_step { wire[i] && answer[i] == AWAITED ->
           wire[i] = false; answer[i] = REJECTED; tidyAttempt(i);
           printf("SES refuses attempt %d for good\n", i) }
    :: d_step { wire[i] && !signatureRefused(i) -> wire[i] = false; hear(i, ACCEPTED); accept(); tidyAttempt(i) }
    :: d_step { wire[i] && !signatureRefused(i) && fault && answer[i] == AWAITED ->
           wire[i] = false; accept(); tidyAttempt(i);
           printf("the answer to attempt %d is lost\n", i) }
#ifdef REPOST
    :: d_step { wire[i] && !signatureRefused(i) && !reposted ->
           reposted = true; accept();
           printf("the connection was closed: the HTTP client posts attempt %d again\n", i) }
#endif
#ifdef LATER
    :: d_step { wasAccepted[i] && !reported -> reported = true; owed[i] = owed[i] | DELIVERY_EVENT }
    :: d_step { wasAccepted[i] && !bounced -> bounced = true; owed[i] = owed[i] | BOUNCE_EVENT }
#endif

    :: d_step { copies[i] && fault && claimable(epochOf[i]) ->
           printf("a late copy of T1 of attempt %d is applied\n", i);
           claimRecord(i) }

    :: d_step { age[i] == YOUNG && mayAge(i) -> age[i] = STALE; printf("attempt %d is past V\n", i) }
    :: d_step { age[i] == STALE && mayAge(i) && !(owed[i] & SEND_EVENT) ->
           age[i] = OVER; printf("attempt %d is past V + G\n", i) }

    :: d_step { owed[i] & SEND_EVENT -> publish(SEND_EVENT) }
#ifdef LATER
    :: d_step { owed[i] & DELIVERY_EVENT -> publish(DELIVERY_EVENT) }
    :: d_step { owed[i] & BOUNCE_EVENT -> publish(BOUNCE_EVENT) }
#endif
#ifdef LOSSY
    :: d_step { owed[i] & SEND_EVENT -> lose(SEND_EVENT) }
#endif
    :: d_step { (queued[i] & SEND_EVENT) && fault ->
           queued[i] = queued[i] & ~SEND_EVENT; deadLetter[i] = true;
           printf("the Send event of attempt %d goes to the dead-letter queue\n", i) }
    :: d_step { deadLetter[i] ->
           deadLetter[i] = false; queued[i] = queued[i] | SEND_EVENT;
           printf("the Send event of attempt %d is brought back\n", i) }
#ifdef DEADFEED
    :: d_step { age[i] != YOUNG && !provenAlive[i] && !feedDead ->
           provenAlive[i] = true; printf("the feed is seen alive after attempt %d was past V\n", i) }
#endif
    od
}

#ifdef DEADFEED
active proctype FeedDies() { d_step { fault -> feedDead = true; printf("the feed dies\n") } }
#endif

/* The feedback actor: T7 and T8 in any order, then the hint, then the deletion of the message. If that fails, all of it is
   repeated. An event that it has in hand is still in the queue. */
proctype Feedback(byte i) {
    byte event;
    mtype:Step step = IDLE;
end:
    do
    :: d_step { step == IDLE && (queued[i] & SEND_EVENT) -> event = SEND_EVENT; evidence(SENT, i); step = HINT }
#ifdef LATER
    :: d_step { step == IDLE && (queued[i] & DELIVERY_EVENT) -> event = DELIVERY_EVENT; evidence(DELIVERED, i); step = HINT }
    :: d_step { step == IDLE && (queued[i] & BOUNCE_EVENT) -> event = BOUNCE_EVENT; evidence(BOUNCED, i); step = HINT }
#endif
    :: atomic { step == HINT ->
           d_step {
               printf("event %d of attempt %d is applied, the record is %e\n", event, i, status);
               if :: job == FOR_OPERATOR -> job = IN_DOUBT :: else fi
           };
           if :: queued[i] = queued[i] & ~event :: fault -> skip fi;
           event = 0; step = IDLE }
    od
}
