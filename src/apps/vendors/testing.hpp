// SPDX-License-Identifier: Apache-2.0
#pragma once

// What tests of apps/vendors share: both vendors on one server of this machine, over TLS with a root of its own.

#include <map>
#include <string>
#include <vector>

#include "apps/vendors/fetch.hpp"
#include "io/http/testing.hpp"
#include "trust/collateral/testing.hpp"

namespace openpcc::vendors::testing {

using collateral::testing::day;
using collateral::testing::Vendor;

inline std::string percent_encoded(std::string_view text) {
    std::string out;
    for (const char c : text)
        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'))
            out += c;
        else
            out += "%" + to_hex(as_bytes(std::string_view(&c, 1)));
    return out;
}

// Vendors answers as Intel's and AMD's services do (their paths, their header fields); a test may change any answer.
struct Vendors : http::testing::World {
    struct Page {
        std::uint16_t status = 200;
        http::Fields fields;
        std::string content;
        bool stalls = false;  // sends a byte now and then, and never ends
    };
    Vendor intel{"Intel SGX Root CA of a test"};
    Vendor pck{"Intel SGX PCK Platform CA of a test"};
    Vendor amd{"ARK-Genoa"};
    std::map<std::string, Page> pages;
    std::vector<std::string> asked;
    Sources sources;
    static inline const Fmspc kFmspc = parse_fmspc("00806f050000").value();

    static constexpr const char* kTcb = "/tdx/certification/v4/tcb?fmspc=00806F050000";
    static constexpr const char* kIdentity = "/tdx/certification/v4/qe/identity";
    static constexpr const char* kPckCrl = "/sgx/certification/v4/pckcrl?ca=platform&encoding=der";
    static constexpr const char* kRootCrl = "/IntelSGXRootCA.der";
    static constexpr const char* kVcekCrl = "/vcek/v1/Genoa/crl";
    static constexpr const char* kVlekCrl = "/vlek/v1/Genoa/crl";

    Vendors() {
        publish(day(0));
        serve(http::testing::Transport::kTls, [this](http::Exchange& exchange) { return answer(exchange); });
        sources = {server->endpoint(), server->endpoint(),     server->endpoint(),
                   tls_client,         {intel.root, pck.root}, {amd.root}};
    }
    // publish makes everything new.
    void publish(TimePoint issued) {
        const std::string chain = percent_encoded(to_string(intel.chain()));
        pages[kTcb] = {.fields = {{"tcb-info-issuer-chain", chain}}, .content = intel.tcb_info("00806F050000", issued)};
        pages[kIdentity] = {.fields = {{"sgx-enclave-identity-issuer-chain", chain}},
                            .content = intel.identity(issued)};
        pages[kPckCrl] = {
            .fields = {{"sgx-pck-crl-issuer-chain", percent_encoded(to_string(collateral::pem_of({pck.root})))}},
            .content = to_string(pck.crl(issued))};
        pages[kRootCrl] = {.content = to_string(intel.crl(issued))};
        pages[kVcekCrl] = pages[kVlekCrl] = {.content = to_string(amd.crl(issued))};
    }
    net::Task<void> answer(http::Exchange& exchange) {
        asked.push_back(exchange.request().path);
        const auto found = pages.find(exchange.request().path);
        const Page page = found == pages.end() ? Page{.status = 404} : found->second;
        http::ResponseHead head{.status = page.status, .fields = page.fields};
        const ByteView content = as_bytes(page.content);
        if (!page.stalls) {
            (void)co_await exchange.respond_whole(std::move(head), content);
            co_return;
        }
        Result<void> alive = co_await exchange.respond(std::move(head));
        for (const ByteView byte = content.first(1); alive;) {
            alive = co_await exchange.write(byte);
            const net::Deadline next = net::after(std::chrono::milliseconds(5));
            if (!co_await net::sleep_until(next)) co_return;
        }
    }
    Wanted everything() const { return {{kFmspc}, {"Genoa"}}; }
    Fetched fetch_all(TimePoint now = day(1), net::Clock::duration patience = kPatience) {
        return run(vendors::fetch(loop, sources, everything(), now, patience));
    }
};

}  // namespace openpcc::vendors::testing
