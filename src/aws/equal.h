/* SPDX-License-Identifier: Apache-2.0 */
/* Texts that say the same in different words: policies aside, for the `equals` of the table. */
#ifndef LOAM_EQUAL_H
#define LOAM_EQUAL_H

#include "base/str.h"

struct arena;

/* PEM blocks that differ in line ends, blank lines and white space around lines only. A state of
 * old releases has the SHA-1 of the text instead. */
bool equal_pem(struct arena *scratch, struct str state, struct str configured);
/* OpenSSH public keys: the comment does not count. PEM ones: as equal_pem. */
bool equal_ssh_key(struct arena *scratch, struct str state, struct str configured);
/* As the state has an OpenSSH key: without its comment. */
struct str equal_ssh_bare(struct str key);
/* With and without "https://". */
bool equal_url(struct arena *scratch, struct str state, struct str configured);
/* With "https://", which is not told with it. */
struct str equal_url_written(struct arena *arena, struct str state);
/* Without white space around it. */
struct str equal_trimmed(struct arena *arena, struct str text);
/* A policy document in the provider's form: keys sorted, no white space; "" when it is no JSON. */
struct str equal_policy_normal(struct arena *arena, struct str document);
/* The same with Version in front, as inline policies are kept. */
struct str equal_inline_normal(struct arena *arena, struct str document);

#endif
