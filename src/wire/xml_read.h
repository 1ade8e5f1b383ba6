/* SPDX-License-Identifier: Apache-2.0 */
/* The answer half of the Query protocol, reading: XML as a message or a fault. */
#ifndef LOAM_XML_READ_H
#define LOAM_XML_READ_H

#include "wire/message.h"

/* What an answer holds; fault_code is empty when it was a result. */
struct xml_answer {
    bool well_formed;
    bool own; /* it is an answer to this action: root and result are there */
    struct message *response;
    struct str fault_code, fault_text, request_id;
};

/* No DTD, no entities of the document's own, bounded depth. */
void xml_read_answer(struct arena *arena, const struct model_action *action, struct str body,
                     struct xml_answer *ret_answer);

#endif
