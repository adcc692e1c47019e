/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 */
#include "daemon/tally.h"

#define CLAIM_COST (G_USEC_PER_SEC / TALLY_CLAIMS_A_SECOND)
#define LOG_EVERY (60 * (gint64)G_USEC_PER_SEC)

const char *claim_reason_text(ClaimReason reason)
{
    static const char *const texts[CLAIM_REASONS] = {
        [CLAIM_FINE] = "fine",       [CLAIM_UNFIT] = "unfit",   [CLAIM_HOST] = "host",
        [CLAIM_ROUTER] = "router",   [CLAIM_EXCEPT] = "except", [CLAIM_EUI64] = "eui64",
        [CLAIM_SIBLING] = "sibling", [CLAIM_LIMIT] = "limit",   [CLAIM_RATE] = "rate",
        [CLAIM_KERNEL] = "kernel",
    };

    return texts[reason];
}

gboolean tally_take(Tally *tally, gint64 now)
{
    /* A device starts with a full credit: `credited` is 0 then, and `now` is not. */
    tally->credit = MIN(tally->credit + now - tally->credited, (gint64)G_USEC_PER_SEC);
    tally->credited = now;
    if (tally->credit < CLAIM_COST)
        return FALSE;
    tally->credit -= CLAIM_COST;
    return TRUE;
}

gboolean tally_refuse(Tally *tally, ClaimReason reason, gint64 now, guint64 *unloggedp)
{
    tally->refused[reason]++;
    if (tally->logged != 0 && now - tally->logged < LOG_EVERY) {
        tally->unlogged++;
        return FALSE;
    }
    *unloggedp = tally->unlogged;
    tally->unlogged = 0;
    tally->logged = now;
    return TRUE;
}
