/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * doctor: the checks in the order in which one would look, and how their findings are shown. A
 * check reads only its Host and says at least one thing, unless what it is about does not concern
 * this machine.
 */
#include "ctl/doctor.h"

#include "ctl/commands.h"
#include "ctl/output.h"
#include "ctl/text.h"

static const struct {
    const char *name;
    DoctorCheck check;
} checks[] = {
    {"modules", doctor_check_modules},     {"socket", doctor_check_socket},
    {"answers", doctor_check_answers},     {"learner", doctor_check_learner},
    {"translate", doctor_check_translate}, {"policy", doctor_check_policy},
    {"parents", doctor_check_parents},     {"wifi", doctor_check_wifi},
    {"groups", doctor_check_groups},       {"permission", doctor_check_permission},
    {"vhost", doctor_check_vhost},         {"apparmor", doctor_check_apparmor},
    {"selinux", doctor_check_selinux},     {"devices", doctor_check_devices},
    {"host", doctor_check_host},
};

const char *finding_level_text(FindingLevel level)
{
    static const char *const texts[] = {"ok", "info", "warn", "fail"};

    return texts[level];
}

static void finding_free(gpointer data)
{
    Finding *finding = data;

    g_free(finding->text);
    g_free(finding->hint);
    g_free(finding);
}

void doctor_say(Doctor *doctor, FindingLevel level, char *text, char *hint)
{
    Finding *finding = g_new(Finding, 1);

    *finding = (Finding){level, doctor->check, text, hint};
    g_ptr_array_add(doctor->findings, finding);
}

Doctor *doctor_new(const Host *host, const char *only)
{
    Doctor *doctor = g_new0(Doctor, 1);

    doctor->host = host;
    doctor->findings = g_ptr_array_new_with_free_func(finding_free);
    for (gsize i = 0; i < G_N_ELEMENTS(checks); i++) {
        if (only && !g_str_equal(only, checks[i].name))
            continue;
        doctor->check = checks[i].name;
        checks[i].check(doctor);
    }
    return doctor;
}

void doctor_free(Doctor *doctor)
{
    g_ptr_array_unref(doctor->findings);
    g_free(doctor);
}

static int show_text(const Doctor *doctor)
{
    g_autoptr(GString) text = g_string_new(NULL);

    for (guint i = 0; i < doctor->findings->len; i++) {
        const Finding *finding = g_ptr_array_index(doctor->findings, i);
        g_autofree char *safe = text_safe(finding->text);
        g_autofree char *hint = finding->hint ? text_safe(finding->hint) : NULL;

        g_string_append_printf(text, "%-4s  %s\n", finding_level_text(finding->level), safe);
        if (hint)
            g_string_append_printf(text, "      %s\n", hint);
    }
    return output_text(text->str);
}

static void set_text(JsonObject *object, const char *key, const char *text)
{
    g_autofree char *valid = g_utf8_make_valid(text, -1);

    json_object_set_string_member(object, key, valid);
}

static int show_json(const Doctor *doctor)
{
    g_autoptr(JsonObject) whole = json_object_new();
    JsonArray *findings = json_array_new();

    for (guint i = 0; i < doctor->findings->len; i++) {
        const Finding *finding = g_ptr_array_index(doctor->findings, i);
        JsonObject *object = json_object_new();

        set_text(object, "check", finding->check);
        set_text(object, "level", finding_level_text(finding->level));
        set_text(object, "text", finding->text);
        if (finding->hint)
            set_text(object, "hint", finding->hint);
        json_array_add_object_element(findings, object);
    }
    json_object_set_array_member(whole, "findings", findings);
    return output_record(whole, TRUE);
}

static gboolean any_fails(const Doctor *doctor)
{
    for (guint i = 0; i < doctor->findings->len; i++)
        if (((const Finding *)g_ptr_array_index(doctor->findings, i))->level == FINDING_FAIL)
            return TRUE;
    return FALSE;
}

int command_doctor(const Options *options)
{
    g_autoptr(Host) host = host_new(options);
    g_autoptr(Doctor) doctor = doctor_new(host, NULL);
    int status = options->json ? show_json(doctor) : show_text(doctor);

    if (status != EXIT_YES)
        return status;
    return any_fails(doctor) ? EXIT_NO : EXIT_YES;
}
