// zlib: compression of the page's files. Imported by ControlAPI alone.
#pragma once
#include <zlib.h>
