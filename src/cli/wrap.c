/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/wrap.h"

#include "base/buf.h"
#include "base/utf8.h"

static void wrap_line(struct buf *out, struct str line, size_t width) {
    struct str rest = line, word;
    size_t column = 0;
    bool first = true;
    while (str_split(&rest, ' ', &word)) {
        size_t columns = utf8_width(word);
        if (!first && column + 1 + columns > width) {
            buf_byte(out, '\n');
            column = 0;
        } else if (!first) {
            buf_byte(out, ' ');
            column++;
        }
        buf_add(out, word);
        column += columns;
        first = false;
    }
}

void wrap_text(struct buf *out, struct str text, int width) {
    struct str rest = text, line;
    bool first = true;
    while (str_split(&rest, '\n', &line)) {
        if (!first)
            buf_byte(out, '\n');
        first = false;
        if (width > 0 && line.len && line.at[0] != ' ')
            wrap_line(out, line, (size_t)width);
        else
            buf_add(out, line);
    }
}
