/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/generated.h"

#include "base/fs.h"

bool generated_check(struct cli *cli, struct str path) {
    if (!path.len || !fs_exists(path))
        return true;
    diags_error(cli->diags, (struct span){0}, "Target generated file already exists",
                UI_PRODUCT " can only write generated config into a new file. Either choose a "
                           "different target location or move all existing configuration out of "
                           "the target file, delete it and try again.");
    ui_diags(cli);
    return false;
}

void generated_begin(struct buf *text) {
    buf_init(text, BUF_MAX_DOCUMENT);
    buf_add(text, S("# __generated__ by " UI_PRODUCT
                    "\n# Please review these resources and move them into your main "
                    "configuration files.\n"));
}

void generated_add(struct buf *text, struct str import_id, struct str block) {
    buf_add(text, S("\n# __generated__ by " UI_PRODUCT));
    if (import_id.len)
        buf_addf(text, " from \"%.*s\"", STR_ARG(import_id));
    buf_addf(text, "\n%.*s\n", STR_ARG(block));
}

bool generated_write(struct cli *cli, struct str path, struct buf *text, bool any) {
    int error = any ? fs_write(path, buf_str(text), 0644) : 0;
    buf_clear(text);
    if (error)
        diags_error(cli->diags, (struct span){0}, "Failed to create target generated file", "%.*s",
                    STR_ARG(fs_error_text(cli->arena, error)));
    return error == 0;
}

void generated_say(struct cli *cli, struct str path) {
    ui_outf(cli,
            UI_PRODUCT " has generated configuration and written it to %.*s. Please "
                       "review\nthe configuration and edit it as necessary before adding it to "
                       "version\ncontrol.\n",
            STR_ARG(path));
}
