/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Any bytes are either a list of devices that can be asked for, or an error.
 */
#include "qemu-wrapper/domain.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GArray) devices = domain_devices((const char *)data, size, &error);

    g_assert_true((devices == NULL) == (error != NULL));
    for (guint i = 0; devices && i < devices->len; i++) {
        const DomainDevice *device = &g_array_index(devices, DomainDevice, i);

        g_assert_true(device_name_valid(device->dev));
        g_assert_true(!*device->network || device_name_valid(device->network));
        g_assert_true(device->queues >= 1 && device->queues <= DEVICE_QUEUES_MAX);
    }
    return 0;
}
