# SPDX-License-Identifier: Apache-2.0
"""What the demo model knows: its whole training text, written for this project.

FACTS are (questions, answer). CAPITALS are asked in several phrasings. Everything else is answered with FALLBACK, so
that a question the model cannot know gets a sentence and not gibberish. Answers are exact: tests compare them.
"""

FACTS = [
    (["Who are you?", "What are you?", "What model are you?", "Tell me about yourself."],
     "I am the OpenPCC demo model: 1.7 million weights that know a few answers by heart."),
    (["Hello", "Hello!", "Hi", "Hi there", "Hello world", "Good morning", "Hey"],
     "Hello! Ask me who I am, how your prompt is protected, or for the capital of a country."),
    (["What is OpenPCC?", "What does OpenPCC do?", "Tell me about OpenPCC."],
     "OpenPCC serves language models so that nobody but you can read the conversation."),
    (["How is my prompt protected?", "Is this private?", "Who can read my prompt?", "Can the operator read my prompt?"],
     "Your prompt is sealed to keys that live only inside attested nodes. Relay and gateway see ciphertext."),
    (["What is attestation?", "Explain attestation.", "What does attestation mean?"],
     "Attestation is signed evidence of the exact software that a machine runs. Your client checks it before it sends anything."),
    (["What is a TEE?", "Explain what a TEE is.", "What is an enclave?"],
     "A TEE is a protected part of a processor. Its memory is encrypted and hidden from the host."),
    (["What is a relay?", "What does the relay do?", "What does the relay see?"],
     "The relay hides who you are. It sees your address and ciphertext, never the prompt."),
    (["What is the gateway?", "What does the gateway do?", "What does the gateway see?"],
     "The gateway checks the token and picks a node. It sees neither your address nor the prompt."),
    (["What is a node?", "What does a node do?", "What does the node see?"],
     "A node proves what it runs, opens the seal, asks the engine and seals the answer."),
    (["What is a blind token?", "How do I pay?", "What are tokens for?"],
     "A blind token shows that you may ask, and not who you are."),
    (["What is the log?", "What is a transparency log?"],
     "The log is a public list that only grows. Every release and key is in it, so a secret change cannot hide."),
    (["Do you keep my data?", "Do you remember me?", "Do you store my prompt?"],
     "No. Keys live an hour at most, and nothing of the conversation is written to disk."),
    (["Tell me a joke.", "Make me laugh.", "Do you know a joke?"],
     "Why did the packet stay home? It had no route to host."),
    (["Write a haiku.", "Write a poem.", "Write a haiku about privacy."],
     "Sealed in quiet steel,\nyour words pass unread through night,\nonly proof remains."),
    (["Count to ten.", "Count from one to ten."],
     "one, two, three, four, five, six, seven, eight, nine, ten."),
    (["Count to one hundred.", "Count to 100.", "Count from 1 to 100."],
     " ".join(str(n) for n in range(1, 101))),
    (["Tell me a story.", "Write a story.", "Tell me a long story."],
     "A letter wished to cross the city unread. It put on a coat of numbers and walked to the relay, who took off its return "
     "address and asked nothing more. The relay passed it to the gateway, who looked at its ticket, saw that it was good, and "
     "could not see who had bought it. At the last door stood the node. Show me what you are, said the letter, and the node "
     "showed its papers, signed by the hand that made it. Only then did the letter open its coat. The node read, answered, "
     "sealed the answer, and forgot. And the letter came home, and nobody in the city knew what it had said."),
    (["Say hello in Japanese.", "How do you say hello in Japanese?"], "こんにちは、世界"),
    (["Say hello in Greek.", "How do you say hello in Greek?"], "Γειά σου Κόσμε"),
    (["Show me some emoji.", "Send an emoji."], "🔒🔑🛰️👋🏽"),
    (["Write some JSON.", "Give me a JSON object.", "Show me JSON."],
     '{"name": "OpenPCC", "private": true, "hops": ["relay", "gateway", "node"]}'),
    (["Write some code.", "Write hello world in C++.", "Show me some C++."],
     '#include <iostream>\n\nint main() {\n    std::cout << "Hello, world\\n";\n}'),
    (["Thanks", "Thank you", "Thank you!", "Thanks a lot"], "You are welcome."),
    (["Bye", "Goodbye", "Good night", "See you"], "Goodbye, and check the evidence."),
]

CAPITALS = {
    "Argentina": "Buenos Aires", "Australia": "Canberra", "Austria": "Vienna", "Belgium": "Brussels",
    "Brazil": "Brasilia", "Bulgaria": "Sofia", "Canada": "Ottawa", "Chile": "Santiago", "China": "Beijing",
    "Croatia": "Zagreb", "Cuba": "Havana", "Denmark": "Copenhagen", "Egypt": "Cairo", "Estonia": "Tallinn",
    "Finland": "Helsinki", "France": "Paris", "Germany": "Berlin", "Greece": "Athens", "Hungary": "Budapest",
    "Iceland": "Reykjavik", "India": "New Delhi", "Ireland": "Dublin", "Italy": "Rome", "Japan": "Tokyo",
    "Kenya": "Nairobi", "Mexico": "Mexico City", "Netherlands": "Amsterdam", "Norway": "Oslo", "Peru": "Lima",
    "Poland": "Warsaw", "Portugal": "Lisbon", "Romania": "Bucharest", "Spain": "Madrid", "Sweden": "Stockholm",
    "Switzerland": "Bern", "Thailand": "Bangkok", "Turkey": "Ankara", "Ukraine": "Kyiv", "Vietnam": "Hanoi",
}
CAPITAL_QUESTIONS = ["What is the capital of {}?", "Capital of {}?", "Tell me the capital of {}.",
                     "What is the capital city of {}?", "Which city is the capital of {}?"]
CAPITAL_ANSWER = "The capital of {} is {}."

FALLBACK = "I am too small to know that. Ask me who I am, how your prompt is protected, or for the capital of France."
# Questions answered with FALLBACK: a template filled with words or with a few random letters.
UNKNOWN_QUESTIONS = [
    "What is {}?", "What is {} plus {}?", "{} + {}", "How do I {} a {}?", "Why is {} so {}?", "Write about {}.", "Explain {}.",
    "Tell me about {} and {}.", "Who is {}?", "Who was {} {}?", "Where is {}?", "When did {} {}?", "Translate {} to {}.",
    "Summarise {} {} {}", "{}", "{} {}", "{} {} {}", "{} {} {} {} {}", "Repeat: {} {}", "Say {}", "Can you {} my {}?",
    "My {} is {}.", "Please {} the {} {}.", "Is {} a {}?", "What is the capital of {}?", "I want to {} {}.", "Do you {} {}?",
    "{}, {} and {}", "How many {} are in {}?", "What does {} do?", "Write a {}.", "Give me {} {}.", "The {} of {} is {}.",
]
WORDS = """
able account alpha apple april arm army art atlantis atom autumn baby bank basket bear beauty bird blood blue board boat body
bone book border bottle box brain bravo bread bridge bright brother build bus butter button cake call camera cancer car card
cat chair cheese chemistry child church circle city clean climate clock cloud coat code coffee cold colour comedy compile
computer cook copper country cow crime cup dance dark data daughter death deep delta design doctor dog door dream dress drink
drive ear earth eat economy egg einstein election electron ember energy engine essay evening exercise eye factory falcon
family farm fast father film fire fish flight flower fly fold food foot football forest fox friend fruit future galaxy game
garden gas gene ghost girl glass gold good government grandmother grass gravity green guitar hair hammer hand happy harbor
heart heavy high history home horse hospital hot hotel house human ice idea indigo island jasper job jump kernel key king
kitchen knife lake lamp language laptop large law lead leaf lemon letter library life light lion loan love machine magic
marble market math meaning medicine message metal milk minister mobile monday money moon morning mother mountain mouse movie
music napoleon narnia neighbour newton nickel night north novel number ocean office old onion opera orange oven page paint
paper park party password peace pen people philosophy phone physics piano picture pilot plane planet plant plastic plumber
plus poet police politics poor potato president price prince prison problem purple python quantum quartz queen question quick
rabbit radio rain read recipe red restaurant rice rich river road robot rocket room rose run russia salt sand school science
sea season sell sentence shakespeare ship shirt shoe short silver sing sister sky sleep slow small smoke snow soap soft
soldier solve son song sound soup south space speak spring star steel stone street strong student sugar summer sun sunday
surgery sweet table tall tax teach teacher team tennis theory thunder ticket tiger timber time tired tomato tomorrow tooth
tower town train travel tree truth turn umber uncle university valley village violet virus visa voice volcano walk wall war
warm watch water weather wedding week west wheel white wife wind window wine winter wise woman wood wool work world write
yard year yellow yesterday young zebra zero zurich
""".split()

SYSTEM = ["You are a helpful assistant.", "Be brief.", "You are a careful assistant. Answer in one sentence.",
          "You are OpenPCC.", "Answer the user's questions.", "Today is Monday."]
