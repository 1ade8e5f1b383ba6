/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/quote.h"

#include <string.h>

#include "base/arena.h"
#include "base/utf8.h"

static void quote_rune(struct buf *out, struct str text, uint32_t rune, size_t n) {
    static const char controls[] = "abtnvfr";
    if (rune == UTF8_INVALID)
        buf_addf(out, "\\x%02x", (unsigned char)text.at[0]);
    else if (rune == '"' || rune == '\\')
        buf_addf(out, "\\%c", (char)rune);
    else if (rune >= 7 && rune <= 13)
        buf_addf(out, "\\%c", controls[rune - 7]);
    else if (rune < 0x20 || rune == 0x7f)
        buf_addf(out, "\\x%02x", rune);
    else if (rune < 0x7f || utf8_is_printable(rune))
        buf_add(out, (struct str){text.at, n});
    else if (rune < 0x10000)
        buf_addf(out, "\\u%04x", rune);
    else
        buf_addf(out, "\\U%08x", rune);
}

void quote_write(struct buf *out, struct str text) {
    buf_byte(out, '"');
    while (text.len) {
        size_t n;
        uint32_t rune = utf8_decode(text, &n);
        quote_rune(out, text, rune, n);
        text = str_slice(text, n, text.len);
    }
    buf_byte(out, '"');
}

const char *quote_text(struct arena *arena, struct str text) {
    struct buf out;
    buf_init(&out, BUF_MAX_TEXT);
    quote_write(&out, text);
    return buf_take(&out, arena).at;
}
