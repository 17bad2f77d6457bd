// SPDX-License-Identifier: Apache-2.0
// openpcc_vectors ROOT [TOPIC...] replays the vectors under ROOT. Exit status: 0 nothing failed, 1 something failed,
// 2 usage, 3 ROOT is missing.
#include <algorithm>
#include <cstdio>
#include <exception>
#include <filesystem>

#include "vectors/topics.hpp"

namespace openpcc::vectors {

namespace {

// The order is that of the output. A new topic is a new line here, a declaration in topics.hpp and its own file.
constexpr Topic kTopics[] = {
    {"bhttp", run_bhttp}, {"ohttp", run_ohttp},     {"chunked-ohttp", run_chunked_ohttp},
    {"hpke", run_hpke},   {"hpke-pq", run_hpke_pq}, {"wycheproof", run_wycheproof},
};

bool run(const Topic& topic, const std::filesystem::path& root) {
    Tally tally;
    const std::filesystem::path folder = root / topic.name;
    if (!std::filesystem::is_directory(folder)) {
        std::printf("%.*s: ABSENT: there is no such folder under the root, nothing was replayed\n",
                    static_cast<int>(topic.name.size()), topic.name.data());
    } else {
        try {
            topic.run(folder, tally);
        } catch (const std::exception& error) {
            tally.fail("topic stopped", error.what());
        }
    }
    tally.print(topic.name);
    return tally.failed() == 0;
}

int usage() {
    std::fprintf(stderr, "usage: openpcc_vectors ROOT [TOPIC...]\ntopics:");
    for (const Topic& topic : kTopics)
        std::fprintf(stderr, " %.*s", static_cast<int>(topic.name.size()), topic.name.data());
    std::fprintf(stderr, "\n");
    return 2;
}

int run_all(const std::filesystem::path& root, std::span<const std::string_view> wanted) {
    if (!std::filesystem::is_directory(root)) {
        std::fprintf(stderr, "openpcc_vectors: error: the vectors are not there: SKIPPED, nothing was replayed\n");
        return 3;
    }
    bool good = true;
    for (const Topic& topic : kTopics)
        if (wanted.empty() || std::ranges::find(wanted, topic.name) != wanted.end()) good = run(topic, root) && good;
    return good ? 0 : 1;
}

}  // namespace

}  // namespace openpcc::vectors

int main(int argc, char** argv) {
    using namespace openpcc::vectors;
    if (argc < 2) return usage();
    const std::vector<std::string_view> wanted(argv + 2, argv + argc);
    for (const std::string_view name : wanted)
        if (std::ranges::find(kTopics, name, &Topic::name) == std::end(kTopics)) return usage();
    return run_all(argv[1], wanted);
}
