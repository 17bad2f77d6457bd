// SPDX-License-Identifier: Apache-2.0
#include "core/time.hpp"

#include <charconv>
#include <cstdio>

namespace openpcc {

using namespace std::chrono;

std::string to_rfc3339(TimePoint time) {
    const auto day = floor<days>(time);
    const year_month_day date(day);
    const hh_mm_ss clock(time - day);
    char text[64];
    std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02dZ", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                  static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                  static_cast<int>(clock.seconds().count()));
    return text;
}

Result<TimePoint> parse_rfc3339(std::string_view text) {
    const auto bad = [] { return fail(core::kBadText, "expected a time like 2026-11-25T07:00:00Z"); };
    if (text.size() < 20 || text.back() != 'Z') return bad();
    if (text.size() > 20) {  // a fraction
        if (text[19] != '.' || text.size() < 22 || text.size() > 30) return bad();
        for (char c : text.substr(20, text.size() - 21))
            if (c < '0' || c > '9') return bad();
    }
    constexpr std::string_view kForm = "dddd-dd-ddTdd:dd:dd";
    for (std::size_t i = 0; i < kForm.size(); ++i) {
        const bool digit = text[i] >= '0' && text[i] <= '9';
        if (kForm[i] == 'd' ? !digit : text[i] != kForm[i]) return bad();
    }
    const auto number = [&](std::size_t at, std::size_t length) {
        int value = 0;
        std::from_chars(text.data() + at, text.data() + at + length, value);
        return value;
    };
    const year_month_day date(year(number(0, 4)), month(static_cast<unsigned>(number(5, 2))),
                              day(static_cast<unsigned>(number(8, 2))));
    if (!date.ok() || number(11, 2) > 23 || number(14, 2) > 59 || number(17, 2) > 59) return bad();
    return TimePoint(sys_days(date)) + hours(number(11, 2)) + minutes(number(14, 2)) + seconds(number(17, 2));
}

}  // namespace openpcc
