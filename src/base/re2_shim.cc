/* SPDX-License-Identifier: Apache-2.0 */
#include "base/re2_shim.h"

#include <re2/re2.h>

#include <cstring>
#include <map>
#include <string>
#include <vector>

struct re2_shim {
    re2::RE2 re;
    std::vector<re2::StringPiece> groups;

    re2_shim(const std::string &pattern, const re2::RE2::Options &options) : re(pattern, options) {
        if (re.ok())
            groups.resize(static_cast<size_t>(re.NumberOfCapturingGroups()) + 1);
    }
};

/* Go also takes (?<name>...), which this RE2 does not know yet. */
static std::string go_syntax(const std::string &pattern) {
    std::string out;
    for (size_t i = 0; i < pattern.size(); i++) {
        out += pattern[i];
        if (pattern[i] == '\\' && i + 1 < pattern.size()) {
            out += pattern[++i];
            continue;
        }
        bool named = pattern.compare(i, 3, "(?<") == 0 && i + 3 < pattern.size() &&
                     pattern[i + 3] != '=' && pattern[i + 3] != '!';
        if (named) {
            out += "?P";
            i++;
        }
    }
    return out;
}

static const char *error_code(re2::RE2::ErrorCode code) {
    switch (code) {
    case re2::RE2::ErrorBadEscape:
        return "invalid escape sequence";
    case re2::RE2::ErrorBadCharClass:
        return "invalid character class";
    case re2::RE2::ErrorBadCharRange:
        return "invalid character class range";
    case re2::RE2::ErrorMissingBracket:
        return "missing closing ]";
    case re2::RE2::ErrorMissingParen:
        return "missing closing )";
    case re2::RE2::ErrorUnexpectedParen:
        return "unexpected )";
    case re2::RE2::ErrorTrailingBackslash:
        return "trailing backslash at end of expression";
    case re2::RE2::ErrorRepeatArgument:
        return "missing argument to repetition operator";
    case re2::RE2::ErrorRepeatSize:
        return "invalid repeat count";
    case re2::RE2::ErrorRepeatOp:
        return "invalid nested repetition operator";
    case re2::RE2::ErrorBadPerlOp:
        return "invalid or unsupported Perl syntax";
    case re2::RE2::ErrorBadUTF8:
        return "invalid UTF-8";
    case re2::RE2::ErrorBadNamedCapture:
        return "invalid named capture";
    default:
        return "expression too large";
    }
}

static void set_part(re2_shim_error *error, const std::string &part) {
    error->part_len = part.size() < sizeof error->part ? part.size() : sizeof error->part;
    std::memcpy(error->part, part.data(), error->part_len);
}

static void explain(const std::string &pattern, const re2::RE2 &re, re2_shim_error *error) {
    std::string part = re.error_arg();
    size_t look_behind = pattern.find("(?<");
    error->code = error_code(re.error_code());
    switch (re.error_code()) {
    case re2::RE2::ErrorMissingParen:
    case re2::RE2::ErrorUnexpectedParen:
        part = pattern;
        break;
    case re2::RE2::ErrorBadPerlOp:
        if (look_behind != std::string::npos && part.compare(0, 3, "(?<") == 0) {
            error->code = "invalid named capture";
            part = pattern.substr(look_behind);
        }
        break;
    case re2::RE2::ErrorTrailingBackslash:
        part = "";
        break;
    default:
        break;
    }
    size_t rewritten = part.find("(?P<");
    if (rewritten != std::string::npos && pattern.find(part) == std::string::npos)
        part.erase(rewritten + 2, 1);
    set_part(error, part);
}

/* `\C`, a byte, is a thing that only the C++ library has. */
static bool has_byte_escape(const std::string &pattern) {
    for (size_t i = 0; i + 1 < pattern.size(); i++) {
        if (pattern[i] != '\\')
            continue;
        if (pattern[i + 1] == 'Q') {
            i = pattern.find("\\E", i);
            if (i == std::string::npos)
                return false;
        } else if (pattern[i + 1] == 'C') {
            return true;
        }
        i++;
    }
    return false;
}

extern "C" struct re2_shim *re2_shim_new(struct str pattern, struct re2_shim_error *ret_error) {
    std::string text(pattern.at ? pattern.at : "", pattern.len);
    re2::RE2::Options options;
    if (has_byte_escape(text)) {
        ret_error->code = error_code(re2::RE2::ErrorBadEscape);
        set_part(ret_error, "\\C");
        return nullptr;
    }
    options.set_log_errors(false);
    options.set_max_mem(64 << 20);
    re2_shim *re = new re2_shim(go_syntax(text), options);
    if (re->re.ok())
        return re;
    explain(text, re->re, ret_error);
    delete re;
    return nullptr;
}

extern "C" void re2_shim_free(struct re2_shim *re) {
    delete re;
}

extern "C" int re2_shim_groups(const struct re2_shim *re) {
    return re->re.NumberOfCapturingGroups();
}

extern "C" struct str re2_shim_group_name(const struct re2_shim *re, int group) {
    const std::map<int, std::string> &names = re->re.CapturingGroupNames();
    auto found = names.find(group);
    if (found == names.end())
        return str{"", 0};
    return str{found->second.data(), found->second.size()};
}

extern "C" bool re2_shim_match(const struct re2_shim *re, struct str text, size_t start,
                               struct str *ret_groups) {
    std::vector<re2::StringPiece> groups(re->groups.size());
    re2::StringPiece piece(text.at ? text.at : "", text.len);
    if (!re->re.Match(piece, start, text.len, re2::RE2::UNANCHORED, groups.data(),
                      static_cast<int>(groups.size())))
        return false;
    for (size_t i = 0; i < groups.size(); i++)
        ret_groups[i] = str{groups[i].data(), groups[i].size()};
    return true;
}
