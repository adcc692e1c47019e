/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 */
#include "daemon/users.h"

const char *users_text(const Policy *policy, uid_t uid, char text[static USERS_TEXT_SIZE])
{
    const char *name = policy_user_name(policy, uid);

    if (name != NULL)
        g_strlcpy(text, name, USERS_TEXT_SIZE);
    else
        g_snprintf(text, USERS_TEXT_SIZE, "uid %u", uid);
    return text;
}
