// libudev: the device monitor and enumeration. Imported by Hotplug alone.
#pragma once
#include <libudev.h>
