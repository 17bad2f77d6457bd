// SPDX-License-Identifier: Apache-2.0
// Server and client together, over each kind of connection.
#include "io/http/testing.hpp"
#include "io/net/event.hpp"

namespace openpcc::http {
namespace {

using namespace testing;

class Http : public ::testing::TestWithParam<Transport> {
  protected:
    World world;
};

INSTANTIATE_TEST_SUITE_P(Each, Http, ::testing::Values(Transport::kTcp, Transport::kUnix, Transport::kTls),
                         [](const auto& test) { return name_of(test.param); });

TEST_P(Http, AnswersAWholeRequest) {
    world.serve(GetParam(), hello);
    const auto got = world.fetch("GET", "/");
    ASSERT_TRUE(got) << got.error().describe();
    EXPECT_EQ(got->head.status, 200);
    EXPECT_EQ(to_string(got->content), "hello");
    EXPECT_EQ(got->head.fields.get("content-length"), "5");
}

TEST_P(Http, EchoesContentOfManySizes) {
    world.serve(GetParam(), echo);
    for (const std::size_t size : {0UL, 1UL, 5UL, 16383UL, 16384UL, 16385UL, 1000000UL, 9000000UL}) {
        std::string content(size, 'x');
        for (std::size_t i = 0; i < size; ++i) content[i] = static_cast<char>('a' + i % 23);
        const auto got = world.fetch("POST", "/echo?x=1", content);
        ASSERT_TRUE(got) << got.error().describe() << " at " << size;
        EXPECT_TRUE(as_text(got->content.view()) == content) << size;
    }
}

Task<std::string> talk(Client& client) {
    std::string seen;
    RequestHead head{.method = "POST", .path = "/"};
    auto call = co_await client.start(std::move(head));
    if (!call) co_return call.error().describe();
    const ByteView first = as_bytes("one");
    if (!co_await (*call)->write(first)) co_return "write";
    // The answer begins before the request ends.
    auto answer = co_await (*call)->head();
    if (!answer) co_return answer.error().describe();
    seen = std::to_string(answer->status) + " ";
    Bytes buffer(100);
    for (const std::string_view word : {"two", "three", ""}) {
        const ByteSpan room = buffer.span();
        const auto got = co_await (*call)->read(room);
        if (!got) co_return got.error().describe();
        seen.append(as_text(buffer.view().first(*got))).append(",");
        const ByteView next = as_bytes(word);
        if (!word.empty() && !co_await (*call)->write(next)) co_return "write";
    }
    if (!co_await (*call)->finish()) co_return "finish";
    const ByteSpan room = buffer.span();
    const auto end = co_await (*call)->read(room);
    co_return seen + (end && *end == 0 ? "end" : "no end");
}

TEST_P(Http, StreamsBothWaysAtOnce) {
    world.serve(GetParam(), echo);
    EXPECT_EQ(world.run(talk(*world.client)), "200 one,two,three,end");
}

}  // namespace
}  // namespace openpcc::http
