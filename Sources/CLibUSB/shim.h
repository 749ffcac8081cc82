// libusb-1.0: descriptors and the second witness. Imported by Hotplug alone.
#pragma once
#include <libusb.h>
