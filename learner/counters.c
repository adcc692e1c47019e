/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors */
#include "learner/counters.h"

static const char *const texts[] = {
    [COUNTER_FRAMES] = "frames",
    [COUNTER_MALFORMED] = "malformed",
    [COUNTER_FRAGMENTS] = "fragments",
    [COUNTER_FORGED] = "forged",
    [COUNTER_TRANSACTIONS] = "transactions",
    [COUNTER_UNMATCHED] = "unmatched",
    [COUNTER_CLAIMS] = "claims",
    [COUNTER_REFUSED] = "refused",
    [COUNTER_HELD] = "held",
    [COUNTER_RATE] = "rate",
    [COUNTER_FULL] = "full",
    [COUNTER_INVALID] = "invalid",
    [COUNTER_DEFENDED] = "defended",
    [COUNTER_UNBOUND] = "unbound",
    [COUNTER_REPLAYS] = "replays",
    [COUNTER_PROBES] = "probes",
};

const char *counter_text(Counter counter)
{
    return texts[counter];
}
