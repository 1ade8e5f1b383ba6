/* SPDX-License-Identifier: Apache-2.0 */
/* QR codes (ISO/IEC 18004, byte mode, level L) as PNG, for the set-up of MFA devices. */
#ifndef LOAM_QR_H
#define LOAM_QR_H

#include "base/str.h"

struct arena;

/* Up to some 580 bytes of text; longer ones are cut. */
struct str qr_png(struct arena *arena, struct str text);

#endif
