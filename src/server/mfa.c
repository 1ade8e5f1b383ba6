/* SPDX-License-Identifier: Apache-2.0 */
#include "server/mfa.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/digest.h"
#include "base/rand.h"
#include "server/describe.h"
#include "server/named.h"
#include "server/owned.h"
#include "server/qr.h"
#include "server/server_int.h"
#include "server/tagging.h"

#define STEP_MS 30000
#define SEED_BYTES 40
#define SETUP_STEPS 20 /* how far a device's clock may be off when it is enabled */
#define LOGIN_STEPS 1

/*
 * The secret of a device: seed, clock drift in steps, the last step whose code was used, and when
 * it was enabled.
 */
struct device {
    struct str seed; /* raw */
    int64_t drift, used, enabled_ms;
};

unsigned mfa_code(struct str seed, int64_t step) {
    uint8_t counter[8], mac[DIGEST_MAX];
    for (int i = 0; i < 8; i++)
        counter[i] = (uint8_t)((uint64_t)step >> (56 - 8 * i));
    digest_hmac(DIGEST_SHA1, seed, (struct str){(char *)counter, 8}, mac);
    int at = mac[19] & 15;
    uint32_t value = (uint32_t)(mac[at] & 0x7f) << 24 | (uint32_t)mac[at + 1] << 16 |
                     (uint32_t)mac[at + 2] << 8 | mac[at + 3];
    return value % 1000000;
}

static struct str base32(struct arena *arena, struct str bytes) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    struct buf out;
    buf_init(&out, BUF_MAX_TEXT);
    for (size_t bit = 0; bit < bytes.len * 8; bit += 5) {
        unsigned value = 0;
        for (size_t k = bit; k < bit + 5; k++)
            value = value << 1 |
                    (k / 8 < bytes.len ? (unsigned char)bytes.at[k / 8] >> (7 - k % 8) & 1u : 0);
        buf_byte(&out, digits[value]);
    }
    return buf_take(&out, arena);
}

static struct str pack(struct call *call, const struct device *d) {
    struct str text = str_format(call->arena, "%.*s %lld %lld %lld",
                                 STR_ARG(digest_to_hex(call->arena, d->seed.at, d->seed.len)),
                                 (long long)d->drift, (long long)d->used, (long long)d->enabled_ms);
    return seal_text(&call->server->seal, call->arena, text);
}

static struct device unpack(struct call *call, const struct entity *entity) {
    struct device d = {0};
    struct str text, part[4], rest;
    if (!seal_unseal(&call->server->seal, call->arena, entity->secret, &text))
        return d;
    rest = text;
    for (size_t i = 0; i < COUNT(part); i++)
        if (!rest.at || !str_split(&rest, ' ', &part[i]))
            return d;
    (void)digest_from_hex(call->arena, part[0], &d.seed);
    (void)(str_to_int(part[1], &d.drift) && str_to_int(part[2], &d.used) &&
           str_to_int(part[3], &d.enabled_ms));
    return d;
}

bool mfa_create(struct call *call) {
    const struct message *request = call->request;
    struct str name = message_str(request, M_CreateVirtualMFADeviceRequest_VirtualMFADeviceName);
    char seed[SEED_BYTES];
    const struct model_api *api = model_api(SERVICE_IAM);
    rand_bytes(seed, sizeof seed);
    struct device device = {.seed = {seed, sizeof seed}};
    struct entity *entity = kind_create(
        call, KIND_MFA, name, message_str(request, M_CreateVirtualMFADeviceRequest_Path), S(""),
        message_new(call->arena, api, &api->shapes[T_IAM_VirtualMFADevice]), pack(call, &device));
    if (!entity || !tagging_create(call, entity->id, M_CreateVirtualMFADeviceRequest_Tags))
        return false;
    struct message *to = message_make(call->arena, call->response,
                                      M_CreateVirtualMFADeviceResponse_VirtualMFADevice);
    struct str text = base32(call->arena, device.seed);
    message_set_str(to, M_VirtualMFADevice_SerialNumber, kind_arn(call, entity));
    message_set_str(to, M_VirtualMFADevice_Base32StringSeed, text);
    message_set_str(
        to, M_VirtualMFADevice_QRCodePNG,
        qr_png(call->arena, str_format(call->arena,
                                       "otpauth://totp/Amazon%%20Web%%20Services:%.*s@%.*s?secret="
                                       "%.*s&issuer=Amazon%%20Web%%20Services",
                                       STR_ARG(name), STR_ARG(call->account), STR_ARG(text))));
    tagging_echo(call, M_CreateVirtualMFADeviceRequest_Tags, to, M_VirtualMFADevice_Tags);
    return true;
}

bool mfa_delete(struct call *call) {
    struct entity *entity = named_target(call);
    if (!entity)
        return false;
    if (entity->owner.len)
        return call_fail(call, FAULT_DELETE_CONFLICT,
                         "MFA VirtualDevice in use. Must deactivate first.");
    entity_delete(call->tx, entity->id);
    return true;
}

/* Two codes that follow each other, somewhere near now; says how far the device's clock is off. */
static bool find_drift(struct call *call, struct device *device, struct str first,
                       struct str second) {
    int64_t one, two, now = call->now_ms / STEP_MS;
    if (!str_to_int(first, &one) || !str_to_int(second, &two))
        return false;
    for (int64_t i = -SETUP_STEPS; i <= SETUP_STEPS; i++) {
        if (mfa_code(device->seed, now + i) != (unsigned)one ||
            mfa_code(device->seed, now + i + 1) != (unsigned)two)
            continue;
        /* The first code may be from before this request: the drift is that of the second. */
        device->drift = i + 1;
        device->used = now + i + 1;
        return true;
    }
    return false;
}

static bool check_setup(struct call *call, struct device *device, int first, int second) {
    if (find_drift(call, device, message_str(call->request, first),
                   message_str(call->request, second)) ||
        call->server->permissive)
        return true;
    return call_fail(call, FAULT_INVALID_AUTHENTICATION_CODE,
                     "Authentication code for device is not valid.");
}

static struct entity *hardware_device(struct call *call, struct str serial) {
    const struct model_api *api = model_api(SERVICE_IAM);
    struct device device = {.seed = S("")};
    return kind_create(call, KIND_MFA, serial, S("/"), S(""),
                       message_new(call->arena, api, &api->shapes[T_IAM_VirtualMFADevice]),
                       pack(call, &device));
}

bool mfa_enable(struct call *call) {
    struct str serial = message_str(call->request, M_EnableMFADeviceRequest_SerialNumber);
    struct entity *user = owned_user(call, M_EnableMFADeviceRequest_UserName);
    if (!user)
        return false;
    struct entity *entity = kind_look_up(call, KIND_MFA, serial);
    /* A test double takes any hardware token; here nobody makes them. */
    if (!entity && call->server->permissive && !str_starts(serial, S("arn:")))
        entity = hardware_device(call, serial);
    if (!entity)
        return call_fail(call, FAULT_NO_SUCH_ENTITY, kind_rows[KIND_MFA].missing, STR_ARG(serial));
    if (entity->owner.len)
        return call_fail(call, FAULT_ENTITY_ALREADY_EXISTS, "MFA Device is already in use.");
    struct device device = unpack(call, entity);
    if (!kind_within(call, "MFADevicesPerUser", entity_count_owned(call->tx, user->id, KIND_MFA)) ||
        !check_setup(call, &device, M_EnableMFADeviceRequest_AuthenticationCode1,
                     M_EnableMFADeviceRequest_AuthenticationCode2))
        return false;
    device.enabled_ms = call->now_ms;
    entity->owner = user->id;
    entity->secret = pack(call, &device);
    entity_update(call->tx, entity);
    return true;
}

/* The device, which must be on this user. */
static struct entity *assigned(struct call *call, const struct entity *user, struct str serial) {
    struct entity *entity = kind_look_up(call, KIND_MFA, serial);
    if (entity && str_eq(entity->owner, user->id))
        return entity;
    call_fail(call, FAULT_NO_SUCH_ENTITY, kind_rows[KIND_MFA].missing, STR_ARG(serial));
    return NULL;
}

bool mfa_deactivate(struct call *call) {
    struct entity *user = owned_user(call, M_DeactivateMFADeviceRequest_UserName);
    struct entity *entity =
        user ? assigned(call, user,
                        message_str(call->request, M_DeactivateMFADeviceRequest_SerialNumber))
             : NULL;
    if (!entity)
        return false;
    struct device device = unpack(call, entity);
    device.enabled_ms = 0;
    entity->owner = S("");
    entity->secret = pack(call, &device);
    entity_update(call->tx, entity);
    if (!device.seed.len)
        entity_delete(call->tx, entity->id);
    return true;
}

bool mfa_resync(struct call *call) {
    struct entity *user = owned_user(call, M_ResyncMFADeviceRequest_UserName);
    struct entity *entity =
        user ? assigned(call, user,
                        message_str(call->request, M_ResyncMFADeviceRequest_SerialNumber))
             : NULL;
    if (!entity)
        return false;
    struct device device = unpack(call, entity);
    if (!check_setup(call, &device, M_ResyncMFADeviceRequest_AuthenticationCode1,
                     M_ResyncMFADeviceRequest_AuthenticationCode2))
        return false;
    entity->secret = pack(call, &device);
    entity_update(call->tx, entity);
    return true;
}

bool mfa_has(struct call *call, const struct entity *user, struct str serial) {
    struct entity *entity = kind_look_up(call, KIND_MFA, serial);
    return entity && str_eq(entity->owner, user->id);
}

bool mfa_check(struct call *call, const struct entity *user, struct str serial, struct str code) {
    int64_t number, now = call->now_ms / STEP_MS;
    struct entity *entity = kind_look_up(call, KIND_MFA, serial);
    if (!entity || !str_eq(entity->owner, user->id) || code.len != 6 || !str_to_int(code, &number))
        return call->server->permissive;
    struct device device = unpack(call, entity);
    for (int64_t i = -LOGIN_STEPS; i <= LOGIN_STEPS; i++) {
        int64_t step = now + device.drift + i;
        if (step <= device.used || mfa_code(device.seed, step) != (unsigned)number)
            continue;
        device.used = step;
        entity->secret = pack(call, &device);
        entity_update(call->tx, entity);
        return true;
    }
    return call->server->permissive;
}

/* ---- lists ---- */

static struct str serial_of(struct call *call, const struct entity *entity) {
    return unpack(call, entity).seed.len ? kind_arn(call, entity) : entity->name;
}

bool mfa_get(struct call *call) {
    struct entity *entity =
        kind_find(call, KIND_MFA, message_str(call->request, M_GetMFADeviceRequest_SerialNumber));
    if (!entity)
        return false;
    struct entity *user = entity->owner.len ? kind_by_id(call, entity->owner) : NULL;
    message_set_str(call->response, M_GetMFADeviceResponse_SerialNumber, serial_of(call, entity));
    if (user) {
        message_set_str(call->response, M_GetMFADeviceResponse_UserName, user->name);
        message_set_int(call->response, M_GetMFADeviceResponse_EnableDate,
                        unpack(call, entity).enabled_ms);
    }
    return true;
}

bool mfa_list(struct call *call) {
    struct page page;
    struct entity *user = owned_user(call, M_ListMFADevicesRequest_UserName);
    if (!user || !call_page(call, &page))
        return false;
    struct entity_page found =
        entity_owned(call->tx, call->arena, user->id, KIND_MFA, page.after, page.size + 1);
    size_t n = call_page_count(&page, found.n);
    message_open(call->response, M_ListMFADevicesResponse_MFADevices);
    for (size_t i = 0; i < n; i++) {
        struct message *m =
            message_add_message(call->arena, call->response, M_ListMFADevicesResponse_MFADevices);
        message_set_str(m, M_MFADevice_UserName, user->name);
        message_set_str(m, M_MFADevice_SerialNumber, serial_of(call, &found.items[i]));
        message_set_int(m, M_MFADevice_EnableDate, unpack(call, &found.items[i]).enabled_ms);
    }
    call_page_end(call, &page, found.n, n ? found.items[n - 1].key : S(""));
    return true;
}

static void describe_virtual(struct call *call, const struct entity *entity, struct message *m) {
    message_set_str(m, M_VirtualMFADevice_SerialNumber, serial_of(call, entity));
    struct entity *user = entity->owner.len ? kind_by_id(call, entity->owner) : NULL;
    if (!user)
        return;
    describe_full(call, user, message_make(call->arena, m, M_VirtualMFADevice_User));
    message_set_int(m, M_VirtualMFADevice_EnableDate, unpack(call, entity).enabled_ms);
}

bool mfa_list_virtual(struct call *call) {
    struct page page;
    struct str status = message_str(call->request, M_ListVirtualMFADevicesRequest_AssignmentStatus);
    size_t have = 0;
    struct str last = S("");
    if (!call_page(call, &page))
        return false;
    struct entity_page found =
        entity_list(call->tx, call->arena, call->account, KIND_MFA, S(""), page.after, 0);
    message_open(call->response, M_ListVirtualMFADevicesResponse_VirtualMFADevices);
    for (size_t i = 0; i < found.n; i++) {
        bool is_assigned = found.items[i].owner.len > 0;
        if ((str_eq(status, S("Assigned")) && !is_assigned) ||
            (str_eq(status, S("Unassigned")) && is_assigned))
            continue;
        if (++have > (size_t)page.size)
            break;
        last = found.items[i].key;
        describe_virtual(call, &found.items[i],
                         message_add_message(call->arena, call->response,
                                             M_ListVirtualMFADevicesResponse_VirtualMFADevices));
    }
    call_page_end(call, &page, have, last);
    return true;
}
