/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors */
#include "learner/proposal.h"

static const char *const source_texts[] = {
    [SOURCE_ARP] = "arp",
    [SOURCE_DAD] = "dad",
    [SOURCE_DHCP] = "dhcp",
    [SOURCE_DHCPV6] = "dhcpv6",
};

static const char *const reason_texts[] = {
    [UNBIND_RELEASED] = "released",
    [UNBIND_DECLINED] = "declined",
    [UNBIND_NAK] = "nak",
    [UNBIND_IDLE] = "idle",
    [UNBIND_CONTESTED] = "contested",
    [UNBIND_WITHDRAWN] = "withdrawn",
};

static const char *const kind_texts[] = {
    [PROPOSAL_BIND] = "bind",     [PROPOSAL_EXTEND] = "extend", [PROPOSAL_UNBIND] = "unbind",
    [PROPOSAL_REPLAY] = "replay", [PROPOSAL_PROBE] = "probe",
};

static const char *const verdict_texts[] = {
    [VERDICT_ACCEPTED] = "accepted",
    [VERDICT_REFUSED] = "refused",
    [VERDICT_EXPIRED] = "expired",
    [VERDICT_REMOVED] = "removed",
};

static bool find(const char *const *texts, unsigned n, const char *text, unsigned *indexp)
{
    for (unsigned i = 0; i < n; i++) {
        if (g_str_equal(texts[i], text)) {
            *indexp = i;
            return true;
        }
    }
    return false;
}

const char *binding_source_text(BindingSource source)
{
    return source_texts[source];
}

bool binding_source_parse(const char *text, BindingSource *sourcep)
{
    unsigned index;

    if (!find(source_texts, SOURCE_N, text, &index))
        return false;
    *sourcep = (BindingSource)index;
    return true;
}

const char *unbind_reason_text(UnbindReason reason)
{
    return reason_texts[reason];
}

bool unbind_reason_parse(const char *text, UnbindReason *reasonp)
{
    unsigned index;

    if (!find(reason_texts, UNBIND_N, text, &index))
        return false;
    *reasonp = (UnbindReason)index;
    return true;
}

const char *proposal_kind_text(ProposalKind kind)
{
    return kind_texts[kind];
}

const char *verdict_text(Verdict verdict)
{
    return verdict_texts[verdict];
}

bool verdict_parse(const char *text, Verdict *verdictp)
{
    unsigned index;

    if (!find(verdict_texts, VERDICT_N, text, &index))
        return false;
    *verdictp = (Verdict)index;
    return true;
}
