# ruff: noqa: RUF001
"""Short texts of the kinds that the token estimate is calibrated on."""

ENGLISH = (
    "A language model reads text as a sequence of tokens, which are pieces of words. When you ask it a question, the "
    "whole conversation is sent again, so a long history costs more than a short one. Prices are stated per million "
    "tokens, and the reply is usually several times dearer than the prompt. It wasn't always so: early tools simply "
    "returned minus one."
)
GERMAN = (
    "Ein Sprachmodell liest Text als Folge von Token, also von Wortstücken. Wenn du eine Frage stellst, wird die "
    "gesamte Unterhaltung erneut gesendet, weshalb eine lange Vorgeschichte teurer ist als eine kurze."
)
CHINESE = (
    "大语言模型把文本切分成一个个词元，然后逐个预测下一个词元。您每次提问时，整段对话都会重新发送，因此较长的历史记录会花费更多的钱。"
    "价格通常按每百万个词元计算，回答部分往往比提示部分贵好几倍。我们的网关支持多种模型，也支持流式输出、工具调用和结构化输出。"
)
JAPANESE = (
    "言語モデルはテキストをトークンという小さな単位の列として読みます。"
    "質問するたびに会話全体がもう一度送られるので、長い履歴は短い履歴より高くつきます。"
)
KOREAN = (
    "언어 모델은 텍스트를 토큰이라는 작은 단위의 나열로 읽습니다. "
    "질문을 할 때마다 대화 전체가 다시 전송되므로 긴 기록은 짧은 기록보다 비용이 많이 듭니다."
)
RUSSIAN = (
    "Языковая модель читает текст как последовательность токенов, то есть кусочков слов. "
    "Когда вы задаёте вопрос, вся беседа отправляется заново, поэтому длинная история стоит дороже короткой."
)
ARABIC = "يقرأ نموذج اللغة النص كسلسلة من الرموز، وهي أجزاء من الكلمات. عندما تطرح سؤالاً، تُرسل المحادثة كلها مرة أخرى."
HINDI = (
    "भाषा मॉडल पाठ को टोकन के क्रम के रूप में पढ़ता है, जो शब्दों के टुकड़े होते हैं। जब आप प्रश्न पूछते हैं, तो पूरी बातचीत फिर से भेजी जाती है।"
)
CODE = '''class TokenBucket:
    """Limit how many requests start in a window."""

    def __init__(self, *, rate: float, burst: int = 1) -> None:
        self._rate = rate
        self._level = float(burst)
        self._updated = time.monotonic()

    def take(self, amount: int = 1) -> float:
        now = time.monotonic()
        self._level = min(self._burst, self._level + (now - self._updated) * self._rate)
        if self._level >= amount:
            self._level -= amount
            return 0.0
        return (amount - self._level) / self._rate
'''
JSON = """{
  "id": "chatcmpl-9f8a7b6c5d4e3f2a",
  "object": "chat.completion",
  "created": 1795300000,
  "model": "gpt-4o-2024-08-06",
  "choices": [
    {
      "index": 0,
      "message": {"role": "assistant", "content": "The capital of France is Paris.", "tool_calls": null},
      "finish_reason": "stop"
    }
  ],
  "usage": {"prompt_tokens": 1284, "completion_tokens": 37, "total_tokens": 1321}
}
"""
EMOJI = (
    "😀😃😄 Great news! 🎉🎉 We shipped it 🚀🚀🚀 and nobody was hurt 😅. 👍🏽 👩‍💻 🇫🇷 🇯🇵 ❤️ ✨ "
    "See you tomorrow ☕️🌧️ 🐍🔥💯"
)

SAMPLES = {
    "english": ENGLISH,
    "german": GERMAN,
    "chinese": CHINESE,
    "japanese": JAPANESE,
    "korean": KOREAN,
    "russian": RUSSIAN,
    "arabic": ARABIC,
    "hindi": HINDI,
    "code": CODE,
    "json": JSON,
    "emoji": EMOJI,
}
