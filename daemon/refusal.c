/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 */
#include "daemon/refusal.h"

G_DEFINE_QUARK(ontap - refusal, refusal)

ReplyCode refusal_code(const GError *error)
{
    return error->domain == REFUSAL ? (ReplyCode)error->code : REPLY_INTERNAL;
}
