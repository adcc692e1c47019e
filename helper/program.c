/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * No streams: a line written at once stays one line when several helpers share a log, and libvirt
 * shows the user what it finds in our standard error, which is why control characters do not get
 * there.
 */
#include "helper/program.h"
#include "wire/line.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define ERROR_SIZE 1280 /* an error of the daemon's, REPLY_TEXT_SIZE, and what is around it */

void program_hold_stdio(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && errno == EBADF)
            (void)!open("/dev/null", O_RDWR | O_CLOEXEC); /* takes the lowest number, this one */
}

static bool write_all(int fd, const char *text, size_t size)
{
    while (size > 0) {
        ssize_t written = write(fd, text, size);

        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return false;
        text += written;
        size -= (size_t)written;
    }
    return true;
}

void program_error(const char *program, const char *format, ...)
{
    char text[ERROR_SIZE];
    char line[ERROR_SIZE];
    LineWriter writer;
    va_list arguments;
    int size = snprintf(text, sizeof(text), "%s: ", program);

    va_start(arguments, format);
    vsnprintf(text + size, sizeof(text) - (size_t)size, format, arguments);
    va_end(arguments);

    line_writer_init(&writer, line, sizeof(line));
    line_write_text(&writer, text);
    line_writer_end(&writer);
    write_all(STDERR_FILENO, line, writer.used);
}

bool program_print(const char *text)
{
    return write_all(STDOUT_FILENO, text, strlen(text));
}

/* AT_SECURE would not do here: it is also set when AppArmor or SELinux change the profile on the
 * way from libvirt to us, and that is fine. */
bool program_unprivileged(const char *program)
{
    if (getuid() == geteuid() && getgid() == getegid())
        return true;
    program_error(program, "this program must not be setuid or setgid, it needs no privilege "
                           "(chmod ug-s it)");
    return false;
}

bool program_take_name(char name[static DEVICE_NAME_MAX + 1], const char *program, const char *what,
                       const char *value)
{
    if (!device_name_valid(value)) {
        program_error(program,
                      "\"%.80s\" is not a %s name: a letter or digit, then at most %d letters, "
                      "digits, dots, underscores and hyphens",
                      value, what, DEVICE_NAME_MAX - 1);
        return false;
    }
    strcpy(name, value);
    return true;
}
