/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/charset.h"

/* Registered names and aliases, each list behind the name that iconv knows. */
static const struct charset charsets[] = {
    {"UTF-8", "UTF-8", "utf-8 csutf8"},
    {"UTF-16", "UTF-16", "utf-16 csutf16"},
    {"UTF-16BE", "UTF-16BE", "utf-16be csutf16be"},
    {"UTF-16LE", "UTF-16LE", "utf-16le csutf16le"},
    {"US-ASCII", "US-ASCII",
     "us-ascii iso-ir-6 ansi_x3.4-1968 ansi_x3.4-1986 iso_646.irv:1991 iso646-us us ibm367 "
     "cp367 csascii"},
    {"ISO-8859-1", "ISO_8859-1:1987",
     "iso-8859-1 iso_8859-1:1987 iso-ir-100 iso_8859-1 latin1 l1 ibm819 cp819 "
     "csisolatin1"},
    {"ISO-8859-2", "ISO_8859-2:1987",
     "iso-8859-2 iso_8859-2:1987 iso-ir-101 iso_8859-2 latin2 l2 csisolatin2"},
    {"ISO-8859-3", "ISO_8859-3:1988",
     "iso-8859-3 iso_8859-3:1988 iso-ir-109 iso_8859-3 latin3 l3 csisolatin3"},
    {"ISO-8859-4", "ISO_8859-4:1988",
     "iso-8859-4 iso_8859-4:1988 iso-ir-110 iso_8859-4 latin4 l4 csisolatin4"},
    {"ISO-8859-5", "ISO_8859-5:1988",
     "iso-8859-5 iso_8859-5:1988 iso-ir-144 iso_8859-5 cyrillic csisolatincyrillic"},
    {"ISO-8859-6", "ISO_8859-6:1987",
     "iso-8859-6 iso_8859-6:1987 iso-ir-127 iso_8859-6 ecma-114 asmo-708 arabic "
     "csisolatinarabic iso-8859-6-e iso_8859-6-e csiso88596e iso-8859-6-i "
     "iso_8859-6-i csiso88596i"},
    {"ISO-8859-7", "ISO_8859-7:1987",
     "iso-8859-7 iso_8859-7:1987 iso-ir-126 iso_8859-7 elot_928 ecma-118 greek greek8 "
     "csisolatingreek"},
    {"ISO-8859-8", "ISO_8859-8:1988",
     "iso-8859-8 iso_8859-8:1988 iso-ir-138 iso_8859-8 hebrew csisolatinhebrew "
     "iso-8859-8-e iso_8859-8-e csiso88598e iso-8859-8-i iso_8859-8-i csiso88598i"},
    {"ISO-8859-9", "ISO_8859-9:1989",
     "iso-8859-9 iso_8859-9:1989 iso-ir-148 iso_8859-9 latin5 l5 csisolatin5"},
    {"ISO-8859-10", "ISO-8859-10", "iso-8859-10 iso-ir-157 l6 iso_8859-10:1992 csisolatin6 latin6"},
    {"ISO-8859-13", "ISO-8859-13", "iso-8859-13 csiso885913"},
    {"ISO-8859-14", "ISO-8859-14",
     "iso-8859-14 iso-ir-199 iso_8859-14:1998 iso_8859-14 latin8 iso-celtic l8 "
     "csiso885914"},
    {"ISO-8859-15", "ISO-8859-15", "iso-8859-15 iso_8859-15 latin-9 csiso885915"},
    {"ISO-8859-16", "ISO-8859-16",
     "iso-8859-16 iso-ir-226 iso_8859-16:2001 iso_8859-16 latin10 l10 csiso885916"},
    {"KOI8-R", "KOI8-R", "koi8-r cskoi8r"},
    {"KOI8-U", "KOI8-U", "koi8-u cskoi8u"},
    {"MACINTOSH", "macintosh", "macintosh mac csmacintosh"},
    {"CP874", "windows-874", "windows-874 cswindows874"},
    {"CP1250", "windows-1250", "windows-1250 cswindows1250"},
    {"CP1251", "windows-1251", "windows-1251 cswindows1251"},
    {"CP1252", "windows-1252", "windows-1252 cswindows1252"},
    {"CP1253", "windows-1253", "windows-1253 cswindows1253"},
    {"CP1254", "windows-1254", "windows-1254 cswindows1254"},
    {"CP1255", "windows-1255", "windows-1255 cswindows1255"},
    {"CP1256", "windows-1256", "windows-1256 cswindows1256"},
    {"CP1257", "windows-1257", "windows-1257 cswindows1257"},
    {"CP1258", "windows-1258", "windows-1258 cswindows1258"},
    {"IBM037", "IBM037",
     "ibm037 cp037 ebcdic-cp-us ebcdic-cp-ca ebcdic-cp-wt ebcdic-cp-nl csibm037"},
    {"IBM437", "IBM437", "ibm437 cp437 437 cspc8codepage437"},
    {"IBM850", "IBM850", "ibm850 cp850 850 cspc850multilingual"},
    {"IBM852", "IBM852", "ibm852 cp852 852 cspcp852"},
    {"IBM855", "IBM855", "ibm855 cp855 855 csibm855"},
    {"IBM858", "IBM00858", "ibm00858 ccsid00858 cp00858 pc-multilingual-850+euro csibm00858"},
    {"IBM860", "IBM860", "ibm860 cp860 860 csibm860"},
    {"IBM862", "IBM862", "ibm862 cp862 862 cspc862latinhebrew"},
    {"IBM863", "IBM863", "ibm863 cp863 863 csibm863"},
    {"IBM865", "IBM865", "ibm865 cp865 865 csibm865"},
    {"IBM866", "IBM866", "ibm866 cp866 866 csibm866"},
    {"IBM1047", "IBM1047", "ibm1047 ibm-1047 csibm1047"},
    {"IBM1140", "IBM01140", "ibm01140 ccsid01140 cp01140 ebcdic-us-37+euro csibm01140"},
    {"EUC-JP", "Extended_UNIX_Code_Packed_Format_for_Japanese",
     "euc-jp extended_unix_code_packed_format_for_japanese cseucpkdfmtjapanese"},
    {"ISO-2022-JP", "ISO-2022-JP", "iso-2022-jp csiso2022jp"},
    {"SHIFT_JIS", "Shift_JIS", "shift_jis ms_kanji csshiftjis"},
    {"CP949", "EUC-KR", "euc-kr cseuckr"},
    {"GB18030", "GB18030", "gb18030 csgb18030"},
    {"GBK", "GBK", "gbk cp936 ms936 windows-936 csgbk"},
    {"BIG5-HKSCS", "Big5", "big5 csbig5"},
};

const struct charset *charset_find(struct str name) {
    for (size_t i = 0; i < COUNT(charsets); i++) {
        struct str names = str_from(charsets[i].aliases), one;
        while (str_split(&names, ' ', &one))
            if (str_eq_nocase(one, name))
                return &charsets[i];
    }
    return NULL;
}
