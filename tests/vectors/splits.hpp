// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <random>
#include <vector>

#include "core/bytes.hpp"

namespace openpcc::vectors {

// for_each_split gives a stream in pieces to `fn`: whole, byte by byte, and in random cuts that are the same in every
// run.
template <class Fn>
void for_each_split(ByteView stream, Fn fn) {
    constexpr int kRandomSplits = 12;
    std::mt19937 random(20261125);
    for (int turn = 0; turn < kRandomSplits + 2; ++turn) {
        const std::size_t most = turn == 0   ? std::max<std::size_t>(1, stream.size())
                                 : turn == 1 ? 1
                                             : 1 + random() % 200;
        std::vector<ByteView> pieces;
        for (ByteView rest = stream; !rest.empty();) {
            const std::size_t wanted = turn < 2 ? most : 1 + random() % most;
            const ByteView piece = rest.first(std::min(rest.size(), wanted));
            pieces.push_back(piece);
            rest = rest.subspan(piece.size());
        }
        fn(pieces);
    }
}

}  // namespace openpcc::vectors
