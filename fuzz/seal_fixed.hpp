// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

// From tests/vectors/seal/vectors.json, by make_seal_corpora.py.
namespace openpcc::seal::fixed {

inline constexpr std::string_view kIkm[] = {
    "be667a7898ca6362da21568a287c05a41e63bbc897bc031966336b9c41ff75a0",
    "36c003dc8ec99a5f96100b101d1d24b4f2bb540ce030bd870888bdafe3181ecd",
    "eed40aa2c16daa5ed25bdb264792a5872481ac23cb3c7bfcb4ef27bcdf4febb4",
};
inline constexpr std::string_view kStatement[] = {
    "65b047f9a7ef3f6c05601faf990e387c937ec76d2adcfc6a12024efd24d9f32e",
    "e1dc513350d4763124be5725bd1f83b8953bcf783594d676d8998ad407932019",
    "8cf615ed7ead5a608fcd5bb629edf760bb6646dbdbd13fa6cfa34f3efb0de2c2",
};
inline constexpr std::string_view kDrawn =
    "d29216e1e2c9f27acd5b93bc00b88bf5b2fca7ae0a56abe11ce12b0e67c01a3837006a77e1cfebbd4a28c4f3db9a89d12a567a04f9621f"
    "a2833fe4ad5d28aa4e43b8cc2dc587ab45192d783322a821f4233a2556e19256be128632feb9d57d97a86cb55750fda1594dc6730a6802"
    "972632e092944db6d5f9e3be45f54971f767";
inline constexpr std::string_view kReducedHeader =
    "0201002000010002000000000000000000000000000000000000000000000000000000000000000001000301e069a9afd6a2f7ef7bf83d"
    "50fcfff24c00206fb8b45fcd454cee1ecbb2f527a5f8ceba0c9c23817b344f7c89a9f3b68bd121003072deb8a8f990417cbf21707c34f7"
    "9e9379e2189779f379bcc4421af8a598f6afa0200c9eb1fe0350a0a0af086f4325176184e341a4eecede34869547a6c034ca559d4d3cde"
    "30e6487ea86fa43bc64df037fcf512ee03d415e6ed3c92404459fe4c205a6bed5e5cc903f17d4b0d234cb6";
inline constexpr std::string_view kRequestStream =
    "19dc13cb9ea95cb67b4fcc5777d582cdcd66d15aea3b01c721d51c666c45b5633690ee5ef75cbc5765295961b8a1e4fdeb134e8b6de0de"
    "1d0489b5bbbea697f467dfa568f00eca875bd41bd5e21cb13b14bf965d4c00663a68e6c8d9fcabd02e8b9b9346d460ccdf629fbe313544"
    "f0";
inline constexpr std::string_view kRequestData = "504f5354202f76312f6368617421";
inline constexpr std::string_view kTranscript = "d934618f66c6aea09cfef8f52ea4db690441fd12373c064b5e0218e678c32bd4";
inline constexpr std::string_view kResponseSecret = "ee2a229f13c9e7880a440e0f7710b8244a585b1390364250c3d4aff0dfba3f07";
inline constexpr std::string_view kAnswer =
    "1385cecc1492dbfeb555f9338e4f64bfe021de298fb5254f0f8cb0f687d7fcff18fc9b379143e7b5d68f8adb76520df3c7914f4c70fbd1"
    "71a51e322e82ec976994d8cf80859c32333bb07e82bf87a29420df0908d8b36265004bc2b4ec412a23c2f33089a53f38baeb85e45b8a8b"
    "36cd84e0b2";
inline constexpr std::string_view kAnswerData = "323030206f6b";

}  // namespace openpcc::seal::fixed
