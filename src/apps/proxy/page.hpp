// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/result.hpp"
#include "hops/client/session.hpp"
#include "wire/http.hpp"
#include "wire/json.hpp"

namespace openpcc::proxy {

// PageFile is a file of the verification page as it was built (src/apps/proxy/page): the same bytes for everybody.
struct PageFile {
    std::string_view path;  // of the request
    std::string_view type;
    std::string_view content;
};
std::span<const PageFile> page_files();
// find_page_file is null for every other path.
const PageFile* find_page_file(std::string_view path);

// guard_page adds what every answer of the page says to browsers: run nothing but these files, be in no frame, ask
// nobody else, keep nothing.
void guard_page(http::Fields& fields);

// Asked is what is kept of one request: nothing of what was said.
struct Asked {
    TimePoint at;
    std::string path;         // of the API, one that the proxy knows
    std::string outcome;      // status of the answer, or the name of an error
    std::string answered_by;  // statement of a node, hex; empty: none
    std::uint64_t sent = 0;   // bytes of the sealed request's content, and of the answer's
    std::uint64_t received = 0;
    Milliseconds took{0};
};

// PageService is what the page shows of the service from the client's configuration.
struct PageService {
    std::string relay;
    std::string policy;
    std::string preset;
    TimePoint policy_expires;
    std::uint32_t candidates = 0;

    static PageService of(const client::Profile& profile);
};

// Page is what the verification page asks for: verdicts as `openpcc verify --json` prints them, the evidence that they
// are about, and the last requests. All of it is for who has shown the key (Door). One loop owns it.
class Page {
  public:
    Page(client::Session& session, PageService service, std::function<TimePoint()> clock)
        : session_(session), service_(std::move(service)), clock_(std::move(clock)) {}

    struct Content {
        std::string type;
        std::string body;
    };
    // get answers GET of a path below /verify:
    //   /verify/state                          the service, the last judging, the last requests
    //   /verify/checks                         what the verifier judges, and what it means
    //   /verify/judgings/J/nodes/N             the verdict on node N of judging J
    //   /verify/judgings/J/nodes/N/bundle      the evidence as it came; empty when none did
    //   /verify/judgings/J/nodes/N/challenge   what was asked, and when, as `openpcc verify --save` writes it
    // openai.unknown_path: no such path, or a judging that is not the last one.
    Result<Content> get(std::string_view path);

    // check judges every node anew.
    net::Task<Result<void>> check();

    // note keeps one request; of many the oldest is forgotten.
    void note(Asked asked);
    TimePoint now() const { return clock_(); }

  private:
    struct Judging {
        std::uint64_t number = 0;
        std::shared_ptr<const client::Judged> judged;
    };
    const Judging& last_judging();
    std::string state();
    Result<Content> get_node(std::string_view path);

    client::Session& session_;
    const PageService service_;
    const std::function<TimePoint()> clock_;
    Judging judging_;
    std::deque<Asked> asked_;  // the newest first
    std::uint64_t asked_count_ = 0;
};

}  // namespace openpcc::proxy
